//! Deleting a permission of the tenant's own.

use ouvira_common::{context::RequestContext, permission::Scope};

use super::{activity, read::readable};
use crate::{
    AccessControl, AccessError, access_control::expect_version, model::PermissionId,
    permission::PERMISSION_MANAGE, store,
};

impl AccessControl {
    /// Deletes a permission, out of every role and grant too. Needs `permission.manage`; the system's are fixed.
    pub async fn delete_permission(
        &self,
        ctx: &RequestContext,
        id: PermissionId,
        expected: Option<i64>,
    ) -> Result<(), AccessError> {
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                if !readable(&caller) {
                    return Err(AccessError::NotFound);
                }
                if self.catalogue().by_id(id.0).is_some() {
                    return Err(AccessError::SystemPermission);
                }
                if store::permissions::find(tx, id).await?.is_none() {
                    return Err(AccessError::NotFound);
                }
                caller.require(&PERMISSION_MANAGE, Scope::Tenant)?;
                self.grants.rights.change_of_all(tx).await?;
                let permission = store::permissions::lock(tx, id).await?.ok_or(AccessError::NotFound)?;
                expect_version(permission.version, expected)?;
                store::permissions::defer_delete(tx, id);
                self.record(tx, activity("permission.deleted", Some(&permission), None));
                Ok(())
            })
            .await
    }
}
