//! Deleting a user.

use ouvira_common::{context::RequestContext, id::UserId};

use crate::{
    Users, access::expect_version, error::UserError, event::UserDeleted, permission, record::activity, store,
};

impl Users {
    /// Deletes a user: they are found no more, hold nothing, and their sessions end; the row stays for the log's sake.
    /// Needs `user.delete`, and that the caller holds whatever the user holds. Fails for the last owner of something.
    /// `expected` is the version that was read, when the caller insists on it.
    pub async fn delete(
        &self,
        ctx: &RequestContext,
        id: UserId,
        expected: Option<i64>,
    ) -> Result<(), UserError> {
        self.db
            .write(ctx, async |tx| {
                self.require_on_user(tx, &permission::DELETE).await?;
                self.roles.require_reach(tx, id).await?;
                self.memberships.leave_everything(tx, id).await?;
                let user = store::lock(tx, id).await?.ok_or(UserError::NotFound)?;
                expect_version(&user, expected)?;
                store::delete(tx, id, tx.now());
                tx.admit_user(id, false);
                self.sessions.end_all(tx, id, None).await?;
                self.audit.record(tx, activity("user.deleted", Some(&user), None));
                tx.publish(&UserDeleted { user_id: id });
                Ok(())
            })
            .await
    }
}
