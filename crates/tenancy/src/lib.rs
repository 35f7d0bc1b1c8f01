#![doc = include_str!("../README.md")]

mod catalog;
mod directory;
mod error;
mod gate;
mod history;
#[cfg(feature = "http")]
pub mod http;
mod keys;
mod lock;
mod migrated;
mod model;
mod operators;
mod own;
pub mod permission;
mod placements;
mod pool;
mod roles;
#[expect(unreachable_pub, reason = "generated; the migration says what is what")]
mod schema;
mod serving_role;
mod settings;
mod slug;
mod tenants;

pub use catalog::{CATALOG, Catalog};
pub use directory::{CacheLimits, Directory, TenantProfile};
pub use error::TenancyError;
pub use history::History;
pub use keys::{KeyRecord, KeyRing, Rotation};
pub use migrated::require_migrated;
pub use model::{GRACE, TenantRecord, database_name, parse_mode, schema_name, state_name};
pub use operators::{Operator, OperatorStore, Operators};
pub use ouvira_common::platform::PlatformContext;
pub use own::{OwnTenant, Tenancy, TenancyDeps};
pub use placements::{FleetReport, FleetStatus, Pending, Place, Placements, Prepared, Selection};
pub use roles::{DATABASE, LOGIN_ROLES, ROLES_SQL, bootstrap_statements};
pub use serving_role::audit_serving_role;
pub use settings::{Edit, QuotasEdit, RateLimitsEdit, SettingsEdit, StoredSettings};
pub use slug::Slug;
pub use tenants::{
    NewAdministrator, NewTenant, Provisioned, TenantChanges, TenantDeps, TenantProvisioned, Tenants,
};
