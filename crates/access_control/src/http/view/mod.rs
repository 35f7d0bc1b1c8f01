//! What goes over the wire.

mod check;
mod invitation;
mod membership;
mod object_grant;
mod permission;
mod role;

pub(super) use check::{CheckRequest, CheckResults};
pub(super) use invitation::{
    AcceptInvitation, AcceptInvite, AcceptedView, CreateInvitation, InvitationFilters, InvitationView,
    InviteByEmail, ReplaceInvitation,
};
pub(super) use membership::{
    AssignRole, CreateUserCompany, CreateUserCompanyRole, CreateUserRole, ReplaceUserCompany,
    UserCompanyFilters, UserCompanyRoleFilters, UserCompanyRoleView, UserCompanyView, UserRoleFilters,
    UserRoleView,
};
pub(super) use object_grant::{CreateObjectGrant, ObjectGrantFilters, ObjectGrantView};
pub(super) use permission::{CreatePermission, PermissionPatch, PermissionView};
pub(super) use role::{
    CreateRole, CreateRolePermission, ReplaceRole, RoleFilters, RolePatch, RolePermissionFilters,
    RolePermissionView, RoleView,
};
