//! Roles, the system's and the tenant's.

use ouvira_common::{
    define_id,
    id::{CompanyId, RoleId},
    permission::SystemRole,
    problem::{FieldCode, FieldError},
    text,
    time::Timestamp,
};

use super::{PermissionId, system_since};
use crate::decision::Catalogue;

define_id!(
    /// That a role holds a permission.
    RolePermissionId
);

/// A named set of permissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Id.
    pub id: RoleId,
    /// The one company where it can be given; `None` for one of the whole tenant.
    pub company: Option<CompanyId>,
    /// Unique in its company, or among those of the tenant.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// More about it.
    pub description: Option<String>,
    /// One of the system's; cannot be changed.
    pub is_system: bool,
    /// Whether what it gives in a company reaches down to the companies below it.
    pub inherits: bool,
    /// Codes of the permissions it holds, in order. The owner's and the administrator's hold the tenant's own ones too.
    pub permissions: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Raised by each change.
    pub version: i64,
}

impl Role {
    /// A system role; `custom` are the codes of the tenant's own permissions.
    pub(crate) fn system(catalogue: &Catalogue, role: SystemRole, custom: &[String]) -> Self {
        let held = catalogue.held_by(role);
        let mut permissions: Vec<String> = catalogue.codes(held).map(str::to_owned).collect();
        if held.has_every_custom() {
            permissions.extend_from_slice(custom);
        }
        permissions.sort_unstable();
        let (name, description) = match role {
            SystemRole::Owner => ("Owner", "Holds every permission"),
            SystemRole::Admin => {
                ("Admin", "Everything but deleting the company or tenant, owners and tenant settings")
            }
            SystemRole::Analyst => ("Analyst", "Reads everything of the company"),
            SystemRole::Member => ("Member", "Reads the company and its members"),
            SystemRole::Viewer => ("Viewer", "Reads the company"),
        };
        Self {
            id: catalogue.role_id(role),
            company: None,
            code: role.code().to_owned(),
            name: name.to_owned(),
            description: Some(description.to_owned()),
            is_system: true,
            inherits: Catalogue::inherits(role),
            permissions,
            created_at: system_since(),
            updated_at: system_since(),
            version: 1,
        }
    }
}

/// That a role holds a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RolePermission {
    /// Id.
    pub id: RolePermissionId,
    /// The role.
    pub role: RoleId,
    /// What it holds.
    pub permission: PermissionId,
    /// Since when.
    pub created_at: Timestamp,
}

/// The code of a role: a lower-case letter, then lower-case letters, digits, `-` and `_`; at most 60 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleCode(String);

impl RoleCode {
    const MAX: usize = 60;

    /// Parses a code; an error points at `/code`.
    pub fn parse(code: &str) -> Result<Self, FieldError> {
        let code = text::required_line("/code", code, Self::MAX)?;
        let fits = code.starts_with(|first: char| first.is_ascii_lowercase())
            && code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_');
        if fits { Ok(Self(code)) } else { Err(FieldError::new("/code", FieldCode::InvalidFormat)) }
    }

    /// A code made from a name; from the id where the name has nothing to make one from.
    pub fn from_name(name: &str, id: RoleId) -> Self {
        let folded = text::fold(name);
        let words = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let mut code = words.collect::<Vec<_>>().join("-");
        code.truncate(Self::MAX);
        Self::parse(&code).unwrap_or_else(|_| {
            let id = id.0.simple().to_string();
            Self(format!("role-{}", &id[20..]))
        })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_name_makes_a_code() {
        let code = |name| RoleCode::from_name(name, RoleId(Uuid::from_u128(0xabc))).as_str().to_owned();
        assert_eq!(code("Chief Accountant"), "chief-accountant");
        assert_eq!(code("  HR & Payroll "), "hr-payroll");
        assert_eq!(code("会計"), "role-000000000abc");
        assert_eq!(code("7 dwarfs"), "role-000000000abc");
        assert_eq!(code(&"a".repeat(90)).len(), 60);
    }
}
