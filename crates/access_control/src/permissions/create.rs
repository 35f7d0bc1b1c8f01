//! Adding a permission of the tenant's own.

use ouvira_common::{context::RequestContext, db::DbError, permission::Scope, problem::FieldErrors, text};

use super::{activity, code_taken};
use crate::{
    AccessControl, AccessError,
    model::{DESCRIPTION, NAME, Permission, PermissionCode, PermissionId, optional_line},
    permission::PERMISSION_MANAGE,
    store,
};

/// Most permissions that a tenant has of its own: owners and administrators hold all of them, and are shown with all.
const MOST: i64 = 1000;

/// A permission to be added.
#[derive(Debug, Clone, Default)]
pub struct NewPermission {
    /// Such as `invoice.approve`.
    pub code: String,
    /// What people call it; at most 100 characters.
    pub name: String,
    /// More about it; at most 500 characters.
    pub description: Option<String>,
}

/// The parts of a permission that people choose, once they are valid.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub(super) code: PermissionCode,
    pub(super) name: String,
    pub(super) description: Option<String>,
}

impl NewPermission {
    pub(super) fn parse(&self) -> Result<Chosen, FieldErrors> {
        let mut fields = FieldErrors::default();
        let code = fields.check(PermissionCode::parse(&self.code));
        let name = fields.check(text::required_line("/name", &self.name, NAME));
        let description =
            optional_line(&mut fields, "/description", self.description.as_deref(), DESCRIPTION);
        let chosen = code.zip(name).map(|(code, name)| Chosen { code, name, description });
        fields.into_result(chosen)
    }
}

impl AccessControl {
    /// Adds a permission. Needs `permission.manage`. Owners and administrators hold it at once, others when a role of
    /// theirs is given it. The code of another permission, the system's included, is refused, and so is one more than a
    /// thousand.
    pub async fn create_permission(
        &self,
        ctx: &RequestContext,
        new: &NewPermission,
    ) -> Result<Permission, AccessError> {
        let chosen = new.parse()?;
        self.db
            .write(ctx, async |tx| {
                self.caller(tx).await?.require(&PERMISSION_MANAGE, Scope::Tenant)?;
                if self.catalogue().by_code(chosen.code.as_str()).is_some() {
                    return Err(AccessError::CodeTaken);
                }
                if store::permissions::count_to(tx, MOST).await? >= MOST {
                    return Err(DbError::Quota("permissions").into());
                }
                let permission = Permission {
                    id: PermissionId::new_at(tx.now()),
                    code: chosen.code.as_str().to_owned(),
                    name: chosen.name.clone(),
                    description: chosen.description.clone(),
                    is_system: false,
                    created_at: tx.now(),
                    updated_at: tx.now(),
                    version: 1,
                };
                store::permissions::insert(tx, &permission).await.map_err(code_taken)?;
                self.record(tx, activity("permission.created", None, Some(&permission)));
                Ok(permission)
            })
            .await
    }
}
