//! What a tenant decided for itself (T10).

mod edit;
mod model;
mod read;
pub(crate) mod store;
mod update;

pub use edit::{Edit, QuotasEdit, RateLimitsEdit, SettingsEdit};
pub use model::StoredSettings;
pub(crate) use model::parse_stored;
