#![doc = include_str!("../README.md")]

use std::sync::Arc;

use ouvira_common::{
    db::Db,
    migration,
    migration::Migration,
    ports::{PermissionChecker, UserDirectory},
};

pub mod canonical;
mod error;
mod export;
pub mod fingerprint;
#[cfg(feature = "http")]
pub mod http;
pub mod installation;
pub mod keeping;
mod list_activity;
mod list_own_activity;
mod list_security;
pub mod merkle;
pub mod model;
mod notification;
pub mod permission;
mod recorder;
mod schema;
pub mod seal;
mod store;
pub mod verify;

pub use error::AuditError;
pub use export::{Export, ExportFormat};
pub use list_activity::{ActivityFilter, Order};
pub use list_security::SecurityFilter;
pub use notification::{
    DeliverNotices, Live, Marked, Notification, NotificationCreated, NotificationStream, Preference,
    Preferences, StreamHints, StreamTicket, Told,
};
pub use recorder::Recorder;

/// The tables of this domain.
pub const MIGRATIONS: &[Migration] = &[
    migration!("audit", "20261120000500_audit"),
    migration!("audit", "20261120001010_partitioned_logs"),
    migration!("audit", "20261120002100_security_filters"),
];

/// The tables of the installation's tree, in the schema `ouvira_seal` of the common database
/// ([`Target::Fixed`](ouvira_common::migration::Target::Fixed)).
pub const INSTALLATION_MIGRATIONS: &[Migration] = &[migration!("audit", "20261120001000_installation_log")];

/// What the use cases need.
#[derive(Clone)]
pub struct AuditDeps {
    /// The way to the database.
    pub db: Db,
    /// Decides who reads logs.
    pub rights: Arc<dyn PermissionChecker>,
    /// Tells what actors are called.
    pub users: Arc<dyn UserDirectory>,
    /// Writes down who read the logs.
    pub recorder: Recorder,
}

/// The use cases of logs and notifications. Rows get into the logs through [`Recorder`].
#[derive(Clone)]
pub struct Audit {
    db: Db,
    rights: Arc<dyn PermissionChecker>,
    users: Arc<dyn UserDirectory>,
    recorder: Recorder,
}

impl Audit {
    /// The use cases over `deps`.
    pub fn new(deps: AuditDeps) -> Self {
        let AuditDeps { db, rights, users, recorder } = deps;
        Self { db, rights, users, recorder }
    }
}
