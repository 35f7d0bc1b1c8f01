//! What there is: permissions, roles, memberships, grants, invitations. Pure values; the names are those of the API.

mod invitation;
mod membership;
mod object_grant;
mod permission;
mod role;

pub use invitation::{Invitation, InvitationId, InvitationStatus};
pub use membership::{
    Membership, MembershipId, MembershipRole, MembershipStatus, RoleName, UserRole, UserRoleId,
};
pub use object_grant::{GrantHolder, ObjectGrant, ObjectGrantId};
pub(crate) use permission::{DESCRIPTION, NAME, optional_line};
pub use permission::{Permission, PermissionCode, PermissionId};
pub use role::{Role, RoleCode, RolePermission, RolePermissionId};

use chrono::DateTime;
use ouvira_common::{
    problem::{FieldCode, FieldError},
    time::Timestamp,
};

/// When the system's own permissions and roles began: they have no rows that would say so.
pub(crate) fn system_since() -> Timestamp {
    DateTime::from_timestamp(1_795_132_800, 0).expect("a day in 2026")
}

/// An instant in a body that has to lie ahead.
pub(crate) fn future(pointer: &str, at: Timestamp, now: Timestamp) -> Result<Timestamp, FieldError> {
    if at > now { Ok(at) } else { Err(FieldError::new(pointer, FieldCode::NotInFuture)) }
}
