#![doc = include_str!("../README.md")]

mod catalog;
mod directory;
mod error;
mod gate;
mod history;
mod keys;
mod lock;
mod model;
mod operators;
mod placements;
mod platform;
mod pool;
mod roles;
#[expect(unreachable_pub, reason = "generated; the migration says what is what")]
mod schema;
mod serving_role;
mod settings;
mod slug;
mod tenants;

pub use catalog::{CATALOG, Catalog};
pub use directory::{CacheLimits, Directory};
pub use error::TenancyError;
pub use history::History;
pub use keys::{KeyRecord, KeyRing, Rotation};
pub use model::{GRACE, TenantRecord, database_name, parse_mode, schema_name, state_name};
pub use operators::{Operator, OperatorCredentials, OperatorGrant, Operators};
pub use placements::{FleetReport, FleetStatus, Pending, Place, Placements, Prepared, Selection};
pub use platform::PlatformContext;
pub use roles::{DATABASE, LOGIN_ROLES, ROLES_SQL, bootstrap_statements};
pub use serving_role::audit_serving_role;
pub use slug::Slug;
pub use tenants::{
    NewAdministrator, NewTenant, Provisioned, TenantChanges, TenantDeps, TenantProvisioned, Tenants,
};
