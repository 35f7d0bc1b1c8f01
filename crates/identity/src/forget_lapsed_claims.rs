//! Forgetting addresses that nobody ever proved.

use ouvira_common::context::RequestContext;

use crate::{Users, error::UserError, event::UserUpdated, record::activity, store};

impl Users {
    /// Takes claimed addresses from at most `most` people who have not proven them in seven days, and answers from how many;
    /// called again while there are `most`. For jobs; an administrator's record does not lapse.
    pub async fn forget_lapsed_claims(&self, ctx: &RequestContext, most: u16) -> Result<usize, UserError> {
        self.db
            .write(ctx, async |tx| {
                let lapsed = store::lock_lapsed(tx, tx.now(), most.into()).await?;
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
