//! The permissions this domain declares.

use ouvira_common::permission::{
    Permission,
    SystemRole::{Admin, Analyst, Member},
};

/// Reading users.
pub const READ: Permission = Permission {
    code: "user.read",
    description: "List and read the users of the tenant",
    held_by: &[Admin, Analyst, Member],
};

/// Making users.
pub const CREATE: Permission =
    Permission { code: "user.create", description: "Create and import users", held_by: &[Admin] };

/// Changing users.
pub const UPDATE: Permission = Permission {
    code: "user.update",
    description: "Change, deactivate and reactivate users",
    held_by: &[Admin],
};

/// Deleting users.
pub const DELETE: Permission =
    Permission { code: "user.delete", description: "Delete users", held_by: &[Admin] };

/// All of them, for access control.
pub const PERMISSIONS: &[Permission] = &[READ, CREATE, UPDATE, DELETE];
