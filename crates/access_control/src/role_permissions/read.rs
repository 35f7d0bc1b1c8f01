//! Reading one entry of what a role holds.

use ouvira_common::{context::RequestContext, db::Tx};

use crate::{
    AccessControl, AccessError,
    decision::Caller,
    model::{RolePermission, RolePermissionId},
    store,
};

impl AccessControl {
    /// That a role holds a permission. Needs `role.read` where the role is; to others it is not there.
    pub async fn role_permission(
        &self,
        ctx: &RequestContext,
        id: RolePermissionId,
    ) -> Result<RolePermission, AccessError> {
        self.db
            .read(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                self.readable_entry(tx, &caller, id).await
            })
            .await
    }

    /// The entry of that id, if the caller may see its role.
    pub(super) async fn readable_entry(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        id: RolePermissionId,
    ) -> Result<RolePermission, AccessError> {
        let entry = match self.find_fixed(tx, id).await? {
            Some(entry) => Some(entry),
            None => store::role_permissions::find(tx, id).await?,
        };
        let entry = entry.ok_or(AccessError::NotFound)?;
        self.readable_role(tx, caller, entry.role).await?;
        Ok(entry)
    }
}
