//! Memberships and the roles that users hold, on the wire.

use apistos::ApiComponent;
use ouvira_common::{
    http::WireBody,
    id::{CompanyId, RoleId, UserId},
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    MembershipEdit, MembershipFilter, NewMembership, NewMembershipRole, NewUserRole, UserRoleFilter,
    model::{Membership, MembershipId, MembershipRole, MembershipStatus, UserRole},
};

/// Whether a member holds anything.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "UserCompanyStatus")]
pub(in crate::http) enum StatusView {
    /// They hold what their roles give.
    Active,
    /// They hold nothing there until they are active again.
    Suspended,
}

impl From<MembershipStatus> for StatusView {
    fn from(status: MembershipStatus) -> Self {
        match status {
            MembershipStatus::Active => Self::Active,
            MembershipStatus::Suspended => Self::Suspended,
        }
    }
}

impl From<StatusView> for MembershipStatus {
    fn from(status: StatusView) -> Self {
        match status {
            StatusView::Active => Self::Active,
            StatusView::Suspended => Self::Suspended,
        }
    }
}

/// A user in a company.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "UserCompany")]
pub(in crate::http) struct UserCompanyView {
    id: Uuid,
    user_id: UserId,
    company_id: CompanyId,
    status: StatusView,
    /// What they are called there.
    title: Option<String>,
    joined_at: Timestamp,
    /// For `If-Match`.
    version: i64,
}

impl From<Membership> for UserCompanyView {
    fn from(membership: Membership) -> Self {
        Self {
            id: membership.id.0,
            user_id: membership.user,
            company_id: membership.company,
            status: membership.status.into(),
            title: membership.title,
            joined_at: membership.joined_at,
            version: membership.version,
        }
    }
}

/// A membership to be.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
pub(in crate::http) struct CreateUserCompany {
    user_id: UserId,
    company_id: CompanyId,
    /// What they are called there; at most 100 characters.
    title: Option<String>,
}

impl WireBody for CreateUserCompany {
    const READ_ONLY: &'static [&'static str] = &["id", "status", "joined_at", "version"];
}

impl From<CreateUserCompany> for NewMembership {
    fn from(body: CreateUserCompany) -> Self {
        Self { user: body.user_id, company: body.company_id, title: body.title }
    }
}

/// A membership in place of the present one.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema, ApiComponent)]
#[serde(default)]
pub(in crate::http) struct ReplaceUserCompany {
    /// Active unless given.
    status: Option<StatusView>,
    /// What they are called there; at most 100 characters.
    title: Option<String>,
}

impl WireBody for ReplaceUserCompany {
    const READ_ONLY: &'static [&'static str] = &["id", "user_id", "company_id", "joined_at", "version"];
}

impl From<ReplaceUserCompany> for MembershipEdit {
    fn from(body: ReplaceUserCompany) -> Self {
        Self { status: Some(body.status.unwrap_or(StatusView::Active).into()), title: Some(body.title) }
    }
}

/// Which memberships; all that is given must hold.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(in crate::http) struct UserCompanyFilters {
    /// Of this company.
    company_id: Option<CompanyId>,
    /// Of this user.
    user_id: Option<UserId>,
}

impl From<UserCompanyFilters> for MembershipFilter {
    fn from(filters: UserCompanyFilters) -> Self {
        Self { company: filters.company_id, user: filters.user_id }
    }
}

/// A role of a member.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "UserCompanyRole")]
pub(in crate::http) struct UserCompanyRoleView {
    id: Uuid,
    user_company_id: Uuid,
    role_id: RoleId,
    /// Who gave it; null for the system.
    granted_by: Option<Uuid>,
    /// When it ends by itself.
    expires_at: Option<Timestamp>,
    created_at: Timestamp,
}

impl From<MembershipRole> for UserCompanyRoleView {
    fn from(held: MembershipRole) -> Self {
        Self {
            id: held.id.0,
            user_company_id: held.membership.0,
            role_id: held.role,
            granted_by: held.granted_by,
            expires_at: held.expires_at,
            created_at: held.created_at,
        }
    }
}

/// A role for a member.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
pub(in crate::http) struct CreateUserCompanyRole {
    user_company_id: Uuid,
    /// One of the system, of the tenant, or of that company.
    role_id: RoleId,
    /// When it ends by itself; never unless given.
    expires_at: Option<Timestamp>,
}

impl WireBody for CreateUserCompanyRole {
    const READ_ONLY: &'static [&'static str] = &["id", "granted_by", "created_at"];
}

impl From<CreateUserCompanyRole> for NewMembershipRole {
    fn from(body: CreateUserCompanyRole) -> Self {
        let membership = MembershipId(body.user_company_id);
        Self { membership, role: body.role_id, expires_at: body.expires_at }
    }
}

/// Which roles of members.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(in crate::http) struct UserCompanyRoleFilters {
    /// Of this membership.
    pub(in crate::http) user_company_id: Option<Uuid>,
}

/// How a role is named.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RoleName")]
pub(in crate::http) struct RoleNameView {
    id: RoleId,
    code: String,
    name: String,
}

/// A role that a user holds, wherever it comes from.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "UserRole")]
pub(in crate::http) struct UserRoleView {
    id: Uuid,
    user_id: UserId,
    role: RoleNameView,
    /// In which company; null for tenant-wide.
    company_id: Option<CompanyId>,
    /// Who gave it; null for the system.
    granted_by: Option<Uuid>,
    /// When it ends by itself.
    expires_at: Option<Timestamp>,
    created_at: Timestamp,
}

impl From<UserRole> for UserRoleView {
    fn from(held: UserRole) -> Self {
        Self {
            id: held.id.0,
            user_id: held.user,
            role: RoleNameView { id: held.role.id, code: held.role.code, name: held.role.name },
            company_id: held.company,
            granted_by: held.granted_by,
            expires_at: held.expires_at,
            created_at: held.created_at,
        }
    }
}

/// A role for a user.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
pub(in crate::http) struct CreateUserRole {
    user_id: UserId,
    role_id: RoleId,
    /// In which company, of which they become a member if they are none; tenant-wide unless given.
    company_id: Option<CompanyId>,
    /// When it ends by itself; never unless given.
    expires_at: Option<Timestamp>,
}

impl WireBody for CreateUserRole {
    const READ_ONLY: &'static [&'static str] = &["id", "role", "granted_by", "created_at"];
}

impl From<CreateUserRole> for NewUserRole {
    fn from(body: CreateUserRole) -> Self {
        Self { user: body.user_id, role: body.role_id, company: body.company_id, expires_at: body.expires_at }
    }
}

/// Which roles; all that is given must hold.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(in crate::http) struct UserRoleFilters {
    /// Of this user.
    user_id: Option<UserId>,
    /// In this company.
    company_id: Option<CompanyId>,
}

impl From<UserRoleFilters> for UserRoleFilter {
    fn from(filters: UserRoleFilters) -> Self {
        Self { user: filters.user_id, company: filters.company_id }
    }
}

/// A role by its name, for a user.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
pub(in crate::http) struct AssignRole {
    pub(in crate::http) user_id: UserId,
    /// The role's code or name, in any case.
    pub(in crate::http) role: String,
    /// In which company, of which they become a member if they are none; tenant-wide unless given.
    pub(in crate::http) company_id: Option<CompanyId>,
}

impl WireBody for AssignRole {}
