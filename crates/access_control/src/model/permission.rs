//! Permissions, the system's and the tenant's.

use ouvira_common::{
    define_id,
    problem::{FieldCode, FieldError, FieldErrors},
    text,
    time::Timestamp,
};

use super::system_since;
use crate::decision::SystemPermission;

define_id!(
    /// A permission; the system's own have fixed ids (UUIDv5).
    PermissionId
);

/// Something that one may be allowed to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// Id.
    pub id: PermissionId,
    /// Such as `invoice.approve`; unique in the tenant.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// More about it.
    pub description: Option<String>,
    /// Declared by a domain; cannot be changed.
    pub is_system: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Raised by each change.
    pub version: i64,
}

impl From<&SystemPermission> for Permission {
    fn from(system: &SystemPermission) -> Self {
        Self {
            id: PermissionId(system.id),
            code: system.declared.code.to_owned(),
            name: system.declared.description.to_owned(),
            description: None,
            is_system: true,
            created_at: system_since(),
            updated_at: system_since(),
            version: 1,
        }
    }
}

/// The code of a permission: two or more parts of lower-case letters, digits and `_`, each beginning with a letter,
/// joined by dots; at most 100 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionCode(String);

impl PermissionCode {
    const MAX: usize = 100;

    /// Parses a code; an error points at `/code`.
    pub fn parse(code: &str) -> Result<Self, FieldError> {
        let code = text::required_line("/code", code, Self::MAX)?;
        let part = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_lowercase())
                && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        };
        if code.contains('.') && code.split('.').all(part) {
            Ok(Self(code))
        } else {
            Err(FieldError::new("/code", FieldCode::InvalidFormat))
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Longest name of a permission or role, in characters.
pub(crate) const NAME: usize = 100;
/// Longest description, in characters.
pub(crate) const DESCRIPTION: usize = 500;

/// An optional line that is `None` when nothing is in it.
pub(crate) fn optional_line(
    fields: &mut FieldErrors,
    pointer: &str,
    text: Option<&str>,
    max: usize,
) -> Option<String> {
    let line = text.map(|text| text::line(pointer, text, max)).transpose();
    fields.check(line).flatten().filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_are_codes() {
        for code in ["invoice.approve", "a.b.c_1", "report2.read"] {
            assert!(PermissionCode::parse(code).is_ok(), "{code}");
        }
        for code in
            ["", "invoice", "Invoice.approve", "invoice.", ".x", "a..b", "a.1", "a b.c", "é.b", "a.b\0"]
        {
            assert!(PermissionCode::parse(code).is_err(), "{code}");
        }
    }
}
