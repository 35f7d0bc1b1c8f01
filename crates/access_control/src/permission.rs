//! The permissions this domain declares.

use ouvira_common::permission::{
    Permission,
    SystemRole::{Admin, Analyst, Member},
};

/// Seeing which permissions there are.
pub const PERMISSION_READ: Permission = Permission {
    code: "permission.read",
    description: "See which permissions there are",
    held_by: &[Admin, Analyst],
};

/// Adding permissions of the tenant's own.
pub const PERMISSION_MANAGE: Permission = Permission {
    code: "permission.manage",
    description: "Add, change and delete permissions",
    held_by: &[Admin],
};

/// Seeing roles, and who holds them.
pub const ROLE_READ: Permission =
    Permission { code: "role.read", description: "See roles and who holds them", held_by: &[Admin, Analyst] };

/// Making roles of the tenant's own and deciding what they hold.
pub const ROLE_MANAGE: Permission =
    Permission { code: "role.manage", description: "Add, change and delete roles", held_by: &[Admin] };

/// Giving roles, and single permissions on objects, and taking them away.
pub const ROLE_GRANT: Permission =
    Permission { code: "role.grant", description: "Give and take roles", held_by: &[Admin] };

/// Seeing who belongs to a company.
pub const MEMBER_READ: Permission =
    Permission { code: "member.read", description: "See the members", held_by: &[Admin, Analyst, Member] };

/// Deciding who belongs to a company.
pub const MEMBER_MANAGE: Permission =
    Permission { code: "member.manage", description: "Add, change and remove members", held_by: &[Admin] };

/// Seeing who was invited.
pub const INVITATION_READ: Permission =
    Permission { code: "invitation.read", description: "See invitations", held_by: &[Admin, Analyst] };

/// Inviting people.
pub const INVITATION_MANAGE: Permission =
    Permission { code: "invitation.manage", description: "Invite people", held_by: &[Admin] };

/// All of them.
pub const PERMISSIONS: &[Permission] = &[
    PERMISSION_READ,
    PERMISSION_MANAGE,
    ROLE_READ,
    ROLE_MANAGE,
    ROLE_GRANT,
    MEMBER_READ,
    MEMBER_MANAGE,
    INVITATION_READ,
    INVITATION_MANAGE,
];
