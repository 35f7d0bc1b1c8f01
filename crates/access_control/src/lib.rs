#![doc = include_str!("../README.md")]

use ouvira_common::{migration, migration::Migration};

mod access_control;
mod cache;
mod check;
mod decision;
mod error;
pub mod event;
mod forget_lapsed;
mod grants;
#[cfg(feature = "http")]
pub mod http;
mod invitations;
mod member_roles;
mod members;
pub mod model;
mod object_grants;
pub mod permission;
mod permissions;
mod rights;
mod role_permissions;
mod roles;
mod schema;
mod store;
mod two_parts;
mod user_roles;

pub use access_control::{AccessControl, AccessControlDeps};

pub use check::{Answer, Assumption, Assumptions, Because, Question, Questions, Reason};
pub use decision::{Catalogue, ObjectName, Via};
pub use error::AccessError;
pub use forget_lapsed::INVITATION_KEPT_DAYS;
pub use grants::{GrantDeps, Grants};
pub use invitations::{
    AcceptedByNewUser, AcceptedInvitation, InvitationEdit, InvitationFilter, NewAccount, NewInvitation,
};
pub use member_roles::NewMembershipRole;
pub use members::{MembershipEdit, MembershipFilter, NewMembership};
pub use object_grants::NewObjectGrant;
pub use permissions::{NewPermission, PermissionEdit};
pub use rights::{Rights, RightsStanding};
pub use roles::{NewRole, RoleEdit, RoleFilter, RoleWord};
pub use user_roles::{NewUserRole, UserRoleFilter};

/// The tables of this domain.
pub const MIGRATIONS: &[Migration] = &[
    migration!("access_control", "20261120000300_access_control"),
    migration!("access_control", "20261120001310_second_factor"),
    migration!("access_control", "20261120002100_member_roles_by_company"),
];
