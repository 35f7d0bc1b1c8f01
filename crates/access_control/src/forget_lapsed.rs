//! What time has ended: a chore of the worker's. Nothing of it counted any more; here it leaves the tables and enters the log.

use chrono::Duration;
use ouvira_common::context::RequestContext;

use crate::{AccessControl, AccessError, grants::Holding, invitations, store};

/// Days for which an invitation that nobody accepted can still be seen.
pub const INVITATION_KEPT_DAYS: i64 = 30;

impl AccessControl {
    /// Removes at most `most` roles of members, and as many tenant-wide ones, whose expiry has come, and tells the log and those
    /// who held them. Answers how many there were; called again while there are `most`. For jobs.
    pub async fn end_lapsed_roles(&self, ctx: &RequestContext, most: u16) -> Result<usize, AccessError> {
        self.db
            .write(ctx, async |tx| {
                let ended = store::user_roles::take_lapsed(tx, self.catalogue(), most.into()).await?;
                for held in &ended {
                    let holding = Holding { user: held.user, role: &held.role, company: held.company };
                    self.grants.tell(tx, "role.revoked", holding, held.expires_at);
                }
                Ok(ended.len())
            })
            .await
    }

    /// Deletes at most `most` invitations that expired [`INVITATION_KEPT_DAYS`] days ago: the address in them is somebody's.
    /// Answers how many there were. For jobs.
    pub async fn forget_lapsed_invitations(
        &self,
        ctx: &RequestContext,
        most: u16,
    ) -> Result<usize, AccessError> {
        self.db
            .write(ctx, async |tx| {
                let before = tx.now() - Duration::days(INVITATION_KEPT_DAYS);
                let lapsed = store::invitations::take_lapsed(tx, before, most.into()).await?;
                for invitation in &lapsed {
                    self.record(tx, invitations::activity("invitation.deleted", Some(invitation), None));
                }
                Ok(lapsed.len())
            })
            .await
    }
}
