//! Permissions as the domains declare them. What system roles hold lives in code, so a new permission is a release and not
//! a migration over the fleet.

use uuid::Uuid;

/// The system's own roles (R2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SystemRole {
    /// Holds every permission, later ones included.
    Owner,
    /// All but deleting the company or tenant, owners' roles and tenant settings.
    Admin,
    /// Reads everything of the company, audit included.
    Analyst,
    /// Reads the company and its members.
    Member,
    /// Reads the company.
    Viewer,
}

impl SystemRole {
    /// All of them, the most powerful first.
    pub const ALL: [Self; 5] = [Self::Owner, Self::Admin, Self::Analyst, Self::Member, Self::Viewer];

    /// The role's code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Analyst => "analyst",
            Self::Member => "member",
            Self::Viewer => "viewer",
        }
    }
}

/// A permission declared by a domain crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// Such as `company.update`.
    pub code: &'static str,
    /// What it allows, for people.
    pub description: &'static str,
    /// The system roles that hold it, besides the owner, who holds all.
    pub held_by: &'static [SystemRole],
}

/// The namespace of fixed ids: UUIDv5 (RFC 9562 §5.5) of the code in it.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f75_7669_7261_5f73_7973_7465_6d5f_6964);

/// The fixed id of a system object such as `permission:company.update` or `role:owner`.
pub fn system_id(kind: &str, code: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("{kind}:{code}").as_bytes())
}

/// Where a permission is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// In the tenant as a whole.
    Tenant,
    /// In one company, by a role there, inherited from above, or tenant-wide.
    Company(crate::id::CompanyId),
    /// In a company that was deleted, where nobody holds anything any more: what they held there before. For restoring.
    Removed(crate::id::CompanyId),
}
