//! The permissions this domain declares.

use ouvira_common::permission::{Permission, SystemRole};

use SystemRole::{Admin, Analyst, Member, Viewer};

/// Founding a company below another one. Founding a root needs no permission.
pub const COMPANY_CREATE: Permission =
    Permission { code: "company.create", description: "Found companies below this one", held_by: &[Admin] };

/// Seeing a company.
pub const COMPANY_READ: Permission = Permission {
    code: "company.read",
    description: "See the company",
    held_by: &[Admin, Analyst, Member, Viewer],
};

/// Seeing every company of the tenant; counts only when held tenant-wide.
pub const COMPANY_READ_ALL: Permission = Permission {
    code: "company.read_all",
    description: "See every company of the tenant",
    held_by: &[Admin, Analyst],
};

/// Changing a company's particulars and its place in the tree.
pub const COMPANY_UPDATE: Permission =
    Permission { code: "company.update", description: "Change and move the company", held_by: &[Admin] };

/// Deleting and restoring a company.
pub const COMPANY_DELETE: Permission =
    Permission { code: "company.delete", description: "Delete and restore the company", held_by: &[] };

/// Changing a company's settings.
pub const COMPANY_SETTINGS: Permission =
    Permission { code: "company.settings", description: "Change the company's settings", held_by: &[Admin] };

/// All of them.
pub const PERMISSIONS: &[Permission] =
    &[COMPANY_CREATE, COMPANY_READ, COMPANY_READ_ALL, COMPANY_UPDATE, COMPANY_DELETE, COMPANY_SETTINGS];
