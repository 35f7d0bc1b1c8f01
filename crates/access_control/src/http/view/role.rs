//! Roles on the wire.

use apistos::ApiComponent;
use ouvira_common::{
    http::{Patch, WireBody},
    id::{CompanyId, RoleId},
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    NewRole, RoleEdit,
    model::{Role, RolePermission},
};

/// A named set of permissions.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "Role")]
pub(in crate::http) struct RoleView {
    id: RoleId,
    /// The one company where it can be given; null for one of the whole tenant.
    company_id: Option<CompanyId>,
    code: String,
    name: String,
    description: Option<String>,
    /// One of the system's; cannot be changed.
    is_system: bool,
    /// Whether what it gives in a company reaches down to the companies below it.
    inherits: bool,
    /// Codes of what it holds.
    permissions: Vec<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// For `If-Match`.
    version: i64,
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        Self {
            id: role.id,
            company_id: role.company,
            code: role.code,
            name: role.name,
            description: role.description,
            is_system: role.is_system,
            inherits: role.inherits,
            permissions: role.permissions,
            created_at: role.created_at,
            updated_at: role.updated_at,
            version: role.version,
        }
    }
}

/// A role of the tenant's own.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
pub(in crate::http) struct CreateRole {
    /// At most 100 characters.
    name: String,
    /// A lower-case letter, then lower-case letters, digits, `-` and `_`; made from the name unless given.
    code: Option<String>,
    /// At most 500 characters.
    description: Option<String>,
    /// The one company where it can be given; one of the whole tenant unless given.
    company_id: Option<CompanyId>,
    /// Whether what it gives in a company reaches down to the companies below it; false unless given.
    inherits: Option<bool>,
    /// Codes of what it holds; nothing unless given.
    permissions: Option<Vec<String>>,
}

impl WireBody for CreateRole {
    const READ_ONLY: &'static [&'static str] = &["id", "is_system", "created_at", "updated_at", "version"];
}

impl From<CreateRole> for NewRole {
    fn from(body: CreateRole) -> Self {
        Self {
            name: body.name,
            code: body.code,
            description: body.description,
            company: body.company_id,
            inherits: body.inherits.unwrap_or_default(),
            permissions: body.permissions.unwrap_or_default(),
        }
    }
}

const READ_ONLY: &[&str] = &["id", "company_id", "is_system", "created_at", "updated_at", "version"];

/// A role in place of the present one.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
pub(in crate::http) struct ReplaceRole {
    /// At most 100 characters.
    name: String,
    /// Made from the name unless given.
    code: Option<String>,
    /// At most 500 characters.
    description: Option<String>,
    /// False unless given.
    inherits: Option<bool>,
    /// Codes of what it holds; nothing unless given.
    permissions: Option<Vec<String>>,
}

impl WireBody for ReplaceRole {
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

impl From<ReplaceRole> for RoleEdit {
    fn from(body: ReplaceRole) -> Self {
        Self {
            name: Some(body.name),
            code: Some(body.code),
            description: Some(body.description),
            inherits: Some(body.inherits.unwrap_or_default()),
            permissions: Some(body.permissions.unwrap_or_default()),
        }
    }
}

/// Changes of a role.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema, ApiComponent)]
#[serde(default)]
pub(in crate::http) struct RolePatch {
    /// At most 100 characters.
    name: Option<String>,
    /// Null makes it from the name.
    code: Patch<String>,
    /// At most 500 characters; null takes it away.
    description: Patch<String>,
    /// Null is false.
    inherits: Patch<bool>,
    /// Codes of all that it is to hold; null is nothing.
    permissions: Patch<Vec<String>>,
}

impl WireBody for RolePatch {
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

impl From<RolePatch> for RoleEdit {
    fn from(body: RolePatch) -> Self {
        Self {
            name: body.name,
            code: body.code.into_option(),
            description: body.description.into_option(),
            inherits: body.inherits.into_option().map(Option::unwrap_or_default),
            permissions: body.permissions.into_option().map(Option::unwrap_or_default),
        }
    }
}

/// Which roles.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(in crate::http) struct RoleFilters {
    /// Those of this company only.
    pub(in crate::http) company_id: Option<CompanyId>,
}

/// That a role holds a permission.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "RolePermission")]
pub(in crate::http) struct RolePermissionView {
    id: Uuid,
    role_id: RoleId,
    permission_id: Uuid,
    created_at: Timestamp,
}

impl From<RolePermission> for RolePermissionView {
    fn from(entry: RolePermission) -> Self {
        Self {
            id: entry.id.0,
            role_id: entry.role,
            permission_id: entry.permission.0,
            created_at: entry.created_at,
        }
    }
}

/// A permission for a role.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
pub(in crate::http) struct CreateRolePermission {
    /// A role of the tenant's own.
    pub(in crate::http) role_id: RoleId,
    /// What it is to hold.
    pub(in crate::http) permission_id: Uuid,
}

impl WireBody for CreateRolePermission {
    const READ_ONLY: &'static [&'static str] = &["id", "created_at"];
}

/// Which entries.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(in crate::http) struct RolePermissionFilters {
    /// Of this role only.
    pub(in crate::http) role_id: Option<RoleId>,
}
