//! A permission on one object.

use ouvira_common::{
    define_id,
    id::{RoleId, UserId},
    time::Timestamp,
};
use uuid::Uuid;

use super::PermissionId;

define_id!(
    /// A permission given on one object.
    ObjectGrantId
);

/// Who holds an object grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GrantHolder {
    /// One user.
    User(UserId),
    /// Whoever holds the role where the object belongs.
    Role(RoleId),
}

/// A permission on one object, for a user or for a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectGrant {
    /// Id.
    pub id: ObjectGrantId,
    /// Who holds it.
    pub holder: GrantHolder,
    /// What.
    pub permission: PermissionId,
    /// The permission's code; empty when the permission is no longer declared.
    pub permission_code: String,
    /// Singular name of the object's kind, such as `company`.
    pub object_type: String,
    /// The object.
    pub object_id: Uuid,
    /// Who gave it; `None` for the system.
    pub granted_by: Option<Uuid>,
    /// When it was given.
    pub created_at: Timestamp,
}
