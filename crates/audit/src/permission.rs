//! The permissions this domain declares.

use ouvira_common::permission::{Permission, SystemRole};

/// Reading the logs of a company, or of the tenant.
pub const AUDIT_READ: Permission = Permission {
    code: "audit.read",
    description: "Read activity and security logs",
    held_by: &[SystemRole::Admin, SystemRole::Analyst],
};

/// All of them.
pub const PERMISSIONS: &[Permission] = &[AUDIT_READ];
