//! Reading somebody's user.

use ouvira_common::{context::RequestContext, id::UserId};

use crate::{Users, error::UserError, model::User, permission, record::about, store};

impl Users {
    /// One user of the tenant. Needs `user.read`; whoever has not, finds nobody. Reading somebody else leaves a row in
    /// the activity log.
    pub async fn read(&self, ctx: &RequestContext, id: UserId) -> Result<User, UserError> {
        self.db
            .write(ctx, async |tx| {
                self.require_on_user(tx, &permission::READ).await?;
                let user = store::find(tx, id).await?.ok_or(UserError::NotFound)?;
                if ctx.user_id() != Some(id) {
                    self.audit.record(tx, about("user.read", &user));
                }
                Ok(user)
            })
            .await
    }
}
