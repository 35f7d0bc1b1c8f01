//! Permissions on the wire.

use apistos::ApiComponent;
use ouvira_common::{
    http::{Patch, WireBody},
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{NewPermission, PermissionEdit, model::Permission};

/// Something that one may be allowed to do.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "Permission")]
pub(in crate::http) struct PermissionView {
    id: Uuid,
    /// Such as `invoice.approve`.
    code: String,
    name: String,
    description: Option<String>,
    /// Declared by the system; cannot be changed.
    is_system: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// For `If-Match`.
    version: i64,
}

impl From<Permission> for PermissionView {
    fn from(permission: Permission) -> Self {
        Self {
            id: permission.id.0,
            code: permission.code,
            name: permission.name,
            description: permission.description,
            is_system: permission.is_system,
            created_at: permission.created_at,
            updated_at: permission.updated_at,
            version: permission.version,
        }
    }
}

const READ_ONLY: &[&str] = &["id", "is_system", "created_at", "updated_at", "version"];

/// A permission of the tenant's own.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
pub(in crate::http) struct CreatePermission {
    /// Two or more parts of lower-case letters, digits and `_`, joined by dots, such as `invoice.approve`.
    code: String,
    /// At most 100 characters.
    name: String,
    /// At most 500 characters.
    description: Option<String>,
}

impl WireBody for CreatePermission {
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

impl From<CreatePermission> for NewPermission {
    fn from(body: CreatePermission) -> Self {
        Self { code: body.code, name: body.name, description: body.description }
    }
}

impl From<CreatePermission> for PermissionEdit {
    fn from(body: CreatePermission) -> Self {
        Self { code: Some(body.code), name: Some(body.name), description: Some(body.description) }
    }
}

/// Changes of a permission.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema, ApiComponent)]
#[serde(default)]
pub(in crate::http) struct PermissionPatch {
    /// Two or more parts of lower-case letters, digits and `_`, joined by dots.
    code: Option<String>,
    /// At most 100 characters.
    name: Option<String>,
    /// At most 500 characters; null takes it away.
    description: Patch<String>,
}

impl WireBody for PermissionPatch {
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

impl From<PermissionPatch> for PermissionEdit {
    fn from(body: PermissionPatch) -> Self {
        Self { code: body.code, name: body.name, description: body.description.into_option() }
    }
}
