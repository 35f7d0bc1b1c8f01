//! Taking a permission out of a role.

use ouvira_common::context::RequestContext;

use crate::{
    AccessControl, AccessError,
    model::{RolePermission, RolePermissionId},
    roles::activity,
    store,
};

impl AccessControl {
    /// Has a role of the tenant's own hold a permission no longer. Needs `role.manage` where the role is. The system's
    /// roles are fixed.
    pub async fn remove_role_permission(
        &self,
        ctx: &RequestContext,
        id: RolePermissionId,
    ) -> Result<(), AccessError> {
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                let RolePermission { role, permission, .. } = self.readable_entry(tx, &caller, id).await?;
                self.require_manageable(tx, &caller, role).await?;
                self.grants.rights.change_of_all(tx).await?;
                self.readable_entry(tx, &caller, id).await?;
                let before = self.readable_role(tx, &caller, role).await?;
                let removed = self.find_permission(tx, permission).await?;
                let mut after = before.clone();
                after.permissions.retain(|code| removed.as_ref().is_none_or(|removed| removed.code != *code));
                after.updated_at = tx.now();
                after.version += 1;
                store::roles::update(tx, &after).await?;
                store::role_permissions::defer_delete(tx, role, vec![permission]);
                self.record(tx, activity("role.updated", Some(&before), Some(&after)));
                Ok(())
            })
            .await
    }
}
