//! Forgetting addresses that nobody ever proved.

use ouvira_common::context::RequestContext;

use crate::{Users, error::UserError, event::UserUpdated, record::activity, store};

/// Users changed in one transaction.
const BATCH: i64 = 200;

impl Users {
    /// Takes claimed addresses from whoever has not proven them in seven days, and answers from how many. For the
    /// worker's schedule; an administrator's record does not lapse.
    pub async fn forget_lapsed_claims(&self, ctx: &RequestContext) -> Result<usize, UserError> {
        let mut total = 0;
        loop {
            let forgotten = self.forget_some(ctx).await?;
            total += forgotten;
            if forgotten == 0 {
                return Ok(total);
            }
        }
    }

    async fn forget_some(&self, ctx: &RequestContext) -> Result<usize, UserError> {
        self.db
            .write(ctx, async |tx| {
                let lapsed = store::lock_lapsed(tx, tx.now(), BATCH).await?;
                for before in &lapsed {
                    let mut after = before.clone();
                    after.forget_lapsed(tx.now());
                    after.touch(tx.now());
                    store::defer_update(tx, &after);
                    self.audit.record(tx, activity("user.claim_lapsed", Some(before), Some(&after)));
                    tx.publish(&UserUpdated { user_id: after.id });
                }
                Ok(lapsed.len())
            })
            .await
    }
}
