//! Taking a role from a member.

use ouvira_common::context::RequestContext;

use crate::{AccessControl, AccessError, model::UserRoleId, store};

impl AccessControl {
    /// Takes a role from a member. Needs `role.grant` in the company and everything that the role gives there; the last
    /// owner keeps theirs.
    pub async fn take_member_role(&self, ctx: &RequestContext, id: UserRoleId) -> Result<(), AccessError> {
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                self.readable_member_role(tx, &caller, id).await?;
                let held = store::user_roles::find(tx, self.catalogue(), id).await?;
                self.grants.take(tx, &caller, &held.ok_or(AccessError::NotFound)?).await
            })
            .await
    }
}
