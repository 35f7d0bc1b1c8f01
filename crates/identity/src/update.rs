//! Changing a user, as an administrator does.

use ouvira_common::{context::RequestContext, db::Tx, id::UserId};

use crate::{
    Users,
    access::expect_version,
    edit::UserEdit,
    error::UserError,
    event::{UserInvited, UserUpdated},
    model::User,
    permission,
    record::activity,
    store,
};

impl Users {
    /// Changes a user and answers them after it. Needs `user.update`; with an address or the switch also that the caller
    /// holds whatever the user holds. `expected` is the version that was read, when the caller insists on it. Where
    /// nothing differs, nothing is written. A new e-mail address is mailed a link to set a password.
    pub async fn update(
        &self,
        ctx: &RequestContext,
        id: UserId,
        edit: UserEdit,
        expected: Option<i64>,
    ) -> Result<User, UserError> {
        let change = edit.parse(ctx.settings())?;
        self.db
            .write(ctx, async |tx| {
                self.require_on_user(tx, &permission::UPDATE).await?;
                // Rights are locked before the row, here and in `delete`: one order, no circle.
                if change.switches_off() {
                    self.memberships.stand_down(tx, id).await?;
                }
                let before = store::lock(tx, id).await?.ok_or(UserError::NotFound)?;
                expect_version(&before, expected)?;
                let Some(after) = before.with(change.clone(), tx.now())? else { return Ok(before) };
                if change.touches_account() {
                    self.roles.require_reach(tx, id).await?;
                }
                store::defer_update(tx, &after);
                self.tell(tx, &before, &after).await?;
                Ok(after)
            })
            .await
    }

    /// What follows from a change: the gate and the sessions, the log, the events.
    async fn tell(&self, tx: &mut Tx, before: &User, after: &User) -> Result<(), UserError> {
        let user_id = after.id;
        if after.active != before.active {
            self.switch(tx, user_id, after.active).await?;
        }
        let action = match (before.active, after.active) {
            (true, false) => "user.deactivated",
            (false, true) => "user.reactivated",
            _ => "user.updated",
        };
        self.audit.record(tx, activity(action, Some(before), Some(after)));
        tx.publish(&UserUpdated { user_id });
        if after.email.is_some() && after.email != before.email {
            tx.publish(&UserInvited { user_id });
        }
        Ok(())
    }
}
