//! Putting a permission into a role.

use ouvira_common::{context::RequestContext, id::RoleId};

use crate::{
    AccessControl, AccessError,
    grants::scope_of,
    model::{PermissionId, RolePermission},
    permission::ROLE_MANAGE,
    roles::{activity, set_of},
    store,
};

impl AccessControl {
    /// Has a role of the tenant's own hold one more permission. Needs `role.manage` where the role is, and the
    /// permission. The system's roles are fixed.
    pub async fn add_role_permission(
        &self,
        ctx: &RequestContext,
        role: RoleId,
        permission: PermissionId,
    ) -> Result<RolePermission, AccessError> {
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                caller.require_anywhere(&ROLE_MANAGE)?;
                self.require_manageable(tx, &caller, role).await.map_err(named_in_body)?;
                self.grants.rights.change_of_all(tx).await?;
                let before = self.readable_role(tx, &caller, role).await.map_err(named_in_body)?;
                let Some(added) = self.find_permission(tx, permission).await? else {
                    return Err(AccessError::unknown("/permission_id"));
                };
                let set = set_of(self.catalogue(), [&permission]);
                if !caller.covers(&set, before.inherits, scope_of(before.company)) {
                    return Err(AccessError::CannotGrant);
                }
                if before.permissions.contains(&added.code) {
                    return Err(AccessError::AlreadyGranted);
                }
                let entry = store::role_permissions::insert(tx, self.catalogue(), role, permission).await?;
                let mut after = before.clone();
                after.permissions.push(added.code);
                after.permissions.sort_unstable();
                after.updated_at = tx.now();
                after.version += 1;
                store::roles::update(tx, &after).await?;
                self.record(tx, activity("role.updated", Some(&before), Some(&after)));
                Ok(entry)
            })
            .await
    }
}

/// A role that is not there, or not for the caller to see, is an unknown reference of the body.
fn named_in_body(error: AccessError) -> AccessError {
    match error {
        AccessError::NotFound => AccessError::unknown("/role_id"),
        other => other,
    }
}
