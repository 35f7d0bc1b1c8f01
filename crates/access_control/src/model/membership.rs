//! Who belongs where, and as what.

use ouvira_common::{
    define_id,
    id::{CompanyId, RoleId, UserId},
    permission::SystemRole,
    time::Timestamp,
};
use uuid::Uuid;

use super::Role;
use crate::decision::Catalogue;

define_id!(
    /// A user in a company.
    MembershipId
);
define_id!(
    /// A role that a user holds, by a membership or tenant-wide.
    UserRoleId
);

/// Whether a member holds anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MembershipStatus {
    /// They hold what their roles give.
    Active,
    /// They hold nothing there until they are active again.
    Suspended,
}

impl MembershipStatus {
    /// The name in the API and the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
}

/// A user in a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Id.
    pub id: MembershipId,
    /// Who.
    pub user: UserId,
    /// Where.
    pub company: CompanyId,
    /// Whether they hold anything.
    pub status: MembershipStatus,
    /// What they are called there, such as "Head of sales".
    pub title: Option<String>,
    /// Since when.
    pub joined_at: Timestamp,
    /// Raised by each change.
    pub version: i64,
}

/// A role of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipRole {
    /// Id.
    pub id: UserRoleId,
    /// Whose.
    pub membership: MembershipId,
    /// Which.
    pub role: RoleId,
    /// Who gave it; `None` for the system.
    pub granted_by: Option<Uuid>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was given.
    pub created_at: Timestamp,
}

/// How a role is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleName {
    /// Id.
    pub id: RoleId,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
}

impl RoleName {
    /// The name of a system role.
    pub(crate) fn system(catalogue: &Catalogue, role: SystemRole) -> Self {
        let Role { id, code, name, .. } = Role::system(catalogue, role, &[]);
        Self { id, code, name }
    }
}

/// A role that a user holds, wherever it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRole {
    /// Id.
    pub id: UserRoleId,
    /// Who holds it.
    pub user: UserId,
    /// What.
    pub role: RoleName,
    /// In which company; `None` for tenant-wide.
    pub company: Option<CompanyId>,
    /// Who gave it; `None` for the system.
    pub granted_by: Option<Uuid>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was given.
    pub created_at: Timestamp,
}
