//! What a request knows of its tenant.

use serde::{Deserialize, Serialize};

use crate::{id::TenantId, sealing::DataKey, settings::TenantSettings};

/// How a tenant's tables are walled off from the others'.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlacementMode {
    /// Common tables, row-level security.
    Shared,
    /// A Postgres schema of its own.
    Schema,
    /// A Postgres database of its own.
    Database,
}

impl PlacementMode {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Shared, Self::Schema, Self::Database];

    /// The word used in the API, on the command line and in the catalog.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Schema => "schema",
            Self::Database => "database",
        }
    }
}

/// Where a tenant's tables live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The way of isolation.
    pub mode: PlacementMode,
    /// Name of the tenant's own database; `None` for the common one.
    pub database: Option<String>,
    /// Raised with every move; the gate refuses a caller who believes in an older one.
    pub epoch: i64,
}

/// The state of a tenant as the catalog has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantState {
    /// Its placement and first rows are being made.
    Provisioning,
    /// In service.
    Active,
    /// Switched off by an operator.
    Suspended,
    /// Deleted, within the grace period.
    Deleting,
}

/// A tenant as resolved from the catalog; shared by all requests that name it.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// The name in `X-Tenant` and in host names.
    pub slug: String,
    /// The name people read.
    pub name: String,
    /// State when it was resolved; the gate has the last word.
    pub state: TenantState,
    /// Where its tables live.
    pub placement: Placement,
    /// Its settings.
    pub settings: TenantSettings,
    /// Of the settings; the gate returns the present one.
    pub settings_version: i64,
    /// What seals its secret fields.
    pub data_key: DataKey,
}
