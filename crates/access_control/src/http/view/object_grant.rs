//! Permissions on single objects, on the wire.

use apistos::ApiComponent;
use ouvira_common::{
    http::WireBody,
    id::{RoleId, UserId},
    problem::{FieldCode, FieldError},
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    AccessError, NewObjectGrant,
    model::{GrantHolder, ObjectGrant},
};

/// A permission on one object.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "ObjectGrant")]
pub(in crate::http) struct ObjectGrantView {
    id: Uuid,
    /// The user who holds it; this, or the role.
    user_id: Option<UserId>,
    /// The role whose holders hold it where the object belongs.
    role_id: Option<RoleId>,
    /// Code of the permission.
    permission: String,
    /// Singular name of the object's kind, such as `company`.
    object_type: String,
    object_id: Uuid,
    /// Who gave it; null for the system.
    granted_by: Option<Uuid>,
    created_at: Timestamp,
}

impl From<ObjectGrant> for ObjectGrantView {
    fn from(grant: ObjectGrant) -> Self {
        let (user_id, role_id) = match grant.holder {
            GrantHolder::User(user) => (Some(user), None),
            GrantHolder::Role(role) => (None, Some(role)),
        };
        Self {
            id: grant.id.0,
            user_id,
            role_id,
            permission: grant.permission_code,
            object_type: grant.object_type,
            object_id: grant.object_id,
            granted_by: grant.granted_by,
            created_at: grant.created_at,
        }
    }
}

/// A permission to be given on one object.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
pub(in crate::http) struct CreateObjectGrant {
    /// The user who is to hold it; this, or the role.
    user_id: Option<UserId>,
    /// The role whose holders are to hold it where the object belongs.
    role_id: Option<RoleId>,
    /// Code of the permission.
    permission: String,
    /// Singular name of the object's kind, such as `company`.
    object_type: String,
    object_id: Uuid,
}

impl WireBody for CreateObjectGrant {
    const READ_ONLY: &'static [&'static str] = &["id", "granted_by", "created_at"];
}

impl TryFrom<CreateObjectGrant> for NewObjectGrant {
    type Error = AccessError;

    fn try_from(body: CreateObjectGrant) -> Result<Self, AccessError> {
        let holder = match (body.user_id, body.role_id) {
            (Some(user), None) => GrantHolder::User(user),
            (None, Some(role)) => GrantHolder::Role(role),
            (None, None) => return Err(FieldError::new("/user_id", FieldCode::Required).into()),
            (Some(_), Some(_)) => return Err(FieldError::new("/role_id", FieldCode::Exclusive).into()),
        };
        let CreateObjectGrant { permission, object_type, object_id, .. } = body;
        Ok(Self { holder, permission, object_type, object_id })
    }
}

/// Which grants.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(in crate::http) struct ObjectGrantFilters {
    /// Of this user; or of a role.
    user_id: Option<UserId>,
    /// Of this role; or of a user.
    role_id: Option<RoleId>,
}

impl ObjectGrantFilters {
    /// The one holder that was named; a grant has no two.
    pub(in crate::http) fn holder(&self) -> Result<Option<GrantHolder>, AccessError> {
        match (self.user_id, self.role_id) {
            (None, None) => Ok(None),
            (Some(user), None) => Ok(Some(GrantHolder::User(user))),
            (None, Some(role)) => Ok(Some(GrantHolder::Role(role))),
            (Some(_), Some(_)) => Err(AccessError::TwoHolders),
        }
    }
}
