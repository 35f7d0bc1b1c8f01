//! Taking a role from a user.

use ouvira_common::context::RequestContext;

use crate::{AccessControl, AccessError, model::UserRoleId};

impl AccessControl {
    /// Takes a role from a user. Needs `role.grant` where it is held and everything that the role gives there; the last
    /// owner keeps theirs.
    pub async fn take_user_role(&self, ctx: &RequestContext, id: UserRoleId) -> Result<(), AccessError> {
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                let held = self.readable_user_role(tx, &caller, id).await?;
                self.grants.take(tx, &caller, &held).await
            })
            .await
    }
}
