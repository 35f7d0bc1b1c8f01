//! One placement, as the catalog has it.

use std::fmt;

use ouvira_common::{id::TenantId, tenant::PlacementMode};
use uuid::Uuid;

/// A place where tables live: the unit of migrations and of the policies' check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub(crate) id: Uuid,
    /// Whose it is, or will be; `None` for the common one.
    pub tenant: Option<TenantId>,
    /// The way of isolation.
    pub mode: PlacementMode,
    /// Name of the database; `None` for the common one.
    pub database: Option<String>,
    /// Name of the schema in it.
    pub schema: String,
    /// Why the last attempt to migrate it failed.
    pub error: Option<String>,
}

impl fmt::Display for Place {
    /// `<database>.<schema>`, or the schema alone in the common database.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(database) = &self.database {
            write!(f, "{database}.")?;
        }
        f.write_str(&self.schema)
    }
}

/// Which placements a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// The whole fleet.
    All,
    /// Where that tenant lives.
    Of(TenantId),
}
