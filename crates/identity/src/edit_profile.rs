//! Changing one's own profile.

use ouvira_common::context::RequestContext;

use crate::{
    Users,
    access::{expect_version, oneself},
    edit::ProfileEdit,
    error::UserError,
    event::UserUpdated,
    model::User,
    record::activity,
    store,
};

impl Users {
    /// Changes names, language and time zone of the caller and answers the user after it; addresses are changed by
    /// proving the new one. `expected` is the version that was read, when the caller insists on it. Where nothing
    /// differs, nothing is written.
    pub async fn edit_profile(
        &self,
        ctx: &RequestContext,
        edit: ProfileEdit,
        expected: Option<i64>,
    ) -> Result<User, UserError> {
        let id = oneself(ctx)?;
        let change = edit.parse(ctx.settings())?;
        self.db
            .write(ctx, async |tx| {
                let before = store::lock(tx, id).await?.ok_or(UserError::NotFound)?;
                expect_version(&before, expected)?;
                let Some(after) = before.with_profile(change.clone(), tx.now()) else { return Ok(before) };
                store::defer_update(tx, &after);
                self.audit.record(tx, activity("user.updated", Some(&before), Some(&after)));
                tx.publish(&UserUpdated { user_id: id });
                Ok(after)
            })
            .await
    }
}
