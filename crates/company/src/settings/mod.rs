//! What a company decided for itself (C3).

mod edit;
mod model;
mod read;
mod store;
mod update;

pub use edit::SettingsEdit;
pub use model::CompanySettings;
