//! The permissions this domain declares.

use ouvira_common::permission::Permission;

/// Changing the tenant's settings; its owners alone hold it.
pub const TENANT_SETTINGS: Permission =
    Permission { code: "tenant.settings", description: "Change the tenant's settings", held_by: &[] };

/// All of them.
pub const PERMISSIONS: &[Permission] = &[TENANT_SETTINGS];
