//! Adding a role of the tenant's own.

use ouvira_common::{
    context::RequestContext,
    db::Quota,
    id::{CompanyId, RoleId},
    permission::SystemRole,
    problem::FieldErrors,
    text,
};

use super::{activity, code_taken, permissions::set_of};
use crate::{
    AccessControl, AccessError,
    model::{DESCRIPTION, NAME, Role, RoleCode, optional_line},
    permission::ROLE_MANAGE,
    store,
};

/// A role to be added.
#[derive(Debug, Clone, Default)]
pub struct NewRole {
    /// What people call it; at most 100 characters.
    pub name: String,
    /// Code; made from the name when there is none.
    pub code: Option<String>,
    /// More about it; at most 500 characters.
    pub description: Option<String>,
    /// The one company where it can be given; `None` for one of the whole tenant.
    pub company: Option<CompanyId>,
    /// Whether what it gives in a company reaches down to the companies below it.
    pub inherits: bool,
    /// Codes of the permissions it holds; at most 500.
    pub permissions: Vec<String>,
}

/// The parts of a role that people choose, once they are valid.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub(super) name: String,
    pub(super) code: Option<RoleCode>,
    pub(super) description: Option<String>,
}

impl Chosen {
    pub(super) fn parse(
        name: &str,
        code: Option<&str>,
        description: Option<&str>,
    ) -> Result<Self, FieldErrors> {
        let mut fields = FieldErrors::default();
        let name = fields.check(text::required_line("/name", name, NAME));
        let code = fields.check(code.map(RoleCode::parse).transpose());
        let description = optional_line(&mut fields, "/description", description, DESCRIPTION);
        let chosen = name.zip(code).map(|(name, code)| Self { name, code, description });
        fields.into_result(chosen)
    }
}

/// Codes of system roles belong to them everywhere: a role named `owner` that is none would deceive.
pub(super) fn is_reserved(code: &str) -> bool {
    SystemRole::ALL.iter().any(|role| role.code() == code)
}

impl AccessControl {
    /// Adds a role. Needs `role.manage` where it is to be, and everything that the role is to hold.
    pub async fn create_role(&self, ctx: &RequestContext, new: &NewRole) -> Result<Role, AccessError> {
        let chosen = Chosen::parse(&new.name, new.code.as_deref(), new.description.as_deref())?;
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                let scope = self.require_in(tx, &caller, &ROLE_MANAGE, new.company, "/company_id").await?;
                let permissions = self.named_permissions(tx, &new.permissions).await?;
                if !caller.covers(&set_of(self.catalogue(), permissions.keys()), new.inherits, scope) {
                    return Err(AccessError::CannotGrant);
                }
                if let Some(quota) = tx.hold_quota(Quota::Roles).await? {
                    quota.admit(store::roles::count_all(tx, quota.limit()).await?)?;
                }
                let id = RoleId::new_at(tx.now());
                let code = chosen.code.clone().unwrap_or_else(|| RoleCode::from_name(&chosen.name, id));
                if is_reserved(code.as_str()) {
                    return Err(AccessError::CodeTaken);
                }
                let mut codes: Vec<String> = permissions.values().cloned().collect();
                codes.sort_unstable();
                let role = Role {
                    id,
                    company: new.company,
                    code: code.as_str().to_owned(),
                    name: chosen.name.clone(),
                    description: chosen.description.clone(),
                    is_system: false,
                    inherits: new.inherits,
                    permissions: codes,
                    created_at: tx.now(),
                    updated_at: tx.now(),
                    version: 1,
                };
                store::roles::insert(tx, &role).await.map_err(code_taken)?;
                for permission in permissions.into_keys() {
                    store::role_permissions::defer_insert(tx, self.catalogue(), id, permission);
                }
                self.record(tx, activity("role.created", None, Some(&role)));
                Ok(role)
            })
            .await
    }
}
