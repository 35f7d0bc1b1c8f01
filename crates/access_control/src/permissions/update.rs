//! Changing a permission of the tenant's own.

use ouvira_common::{context::RequestContext, permission::Scope};

use super::{NewPermission, activity, code_taken, read::readable};
use crate::{
    AccessControl, AccessError,
    access_control::expect_version,
    model::{Permission, PermissionId},
    permission::PERMISSION_MANAGE,
    store,
};

/// What is to be another way; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct PermissionEdit {
    /// Code.
    pub code: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Description; `Some(None)` takes it away.
    pub description: Option<Option<String>>,
}

impl PermissionEdit {
    fn applied_to(&self, permission: &Permission) -> NewPermission {
        NewPermission {
            code: self.code.clone().unwrap_or_else(|| permission.code.clone()),
            name: self.name.clone().unwrap_or_else(|| permission.name.clone()),
            description: self.description.clone().unwrap_or_else(|| permission.description.clone()),
        }
    }
}

impl AccessControl {
    /// Changes a permission and answers it after that. Needs `permission.manage`; the system's are fixed. Roles keep
    /// holding it under its new code. `expected` is the version that was read, when the caller insists on it. Where
    /// nothing differs, nothing is written.
    pub async fn update_permission(
        &self,
        ctx: &RequestContext,
        id: PermissionId,
        edit: &PermissionEdit,
        expected: Option<i64>,
    ) -> Result<Permission, AccessError> {
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                if !readable(&caller) {
                    return Err(AccessError::NotFound);
                }
                if self.catalogue().by_id(id.0).is_some() {
                    return Err(AccessError::SystemPermission);
                }
                let before = store::permissions::lock(tx, id).await?.ok_or(AccessError::NotFound)?;
                caller.require(&PERMISSION_MANAGE, Scope::Tenant)?;
                expect_version(before.version, expected)?;
                let chosen = edit.applied_to(&before).parse()?;
                let mut after = before.clone();
                after.code = chosen.code.as_str().to_owned();
                after.name = chosen.name;
                after.description = chosen.description;
                if after == before {
                    return Ok(before);
                }
                if self.catalogue().by_code(&after.code).is_some() {
                    return Err(AccessError::CodeTaken);
                }
                after.updated_at = tx.now();
                after.version += 1;
                store::permissions::update(tx, &after).await.map_err(code_taken)?;
                self.record(tx, activity("permission.updated", Some(&before), Some(&after)));
                Ok(after)
            })
            .await
    }
}
