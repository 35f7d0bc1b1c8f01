#![doc = include_str!("../README.md")]

use ouvira_common::{migration, migration::Migration};

mod cache;
mod decision;
pub mod permission;
mod rights;
mod schema;
mod store;

pub use decision::Catalogue;
pub use rights::Rights;

/// The tables of this domain.
pub const MIGRATIONS: &[Migration] = &[migration!("access_control", "20261120000300_access_control")];
