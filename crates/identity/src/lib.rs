#![doc = include_str!("../README.md")]

mod access;
mod activation;
mod create;
mod delete;
mod directory;
mod edit;
mod edit_profile;
mod error;
pub mod event;
mod forget_lapsed_claims;
#[cfg(feature = "http")]
pub mod http;
mod import;
mod list;
mod model;
pub mod permission;
mod profile;
mod read;
mod record;
mod schema;
mod search;
mod store;
mod update;

use std::sync::Arc;

use ouvira_common::{
    db::Db,
    migration,
    migration::Migration,
    ports::{AuditSink, Memberships, PermissionChecker, RoleGrants, Sessions},
};

pub use create::NewUser;
pub use directory::Directory;
pub use edit::{Edit, ProfileEdit, UserEdit};
pub use error::UserError;
pub use event::{UserCreated, UserDeactivated, UserDeleted, UserInvited, UserReactivated, UserUpdated};
pub use import::{ImportFormat, ImportReport, ImportedLine, LineError, LineOutcome};
pub use list::{ListUsers, Sort};
pub use model::{AddressStanding, Contact, Name, User};
pub use permission::PERMISSIONS;

/// The tables of this domain.
pub const MIGRATIONS: &[Migration] = &[migration!("identity", "20261120000100_identity")];

/// What [`Users`] works with.
pub struct UserDeps {
    /// The way to the database.
    pub db: Db,
    /// Decides who may do what.
    pub rights: Arc<dyn PermissionChecker>,
    /// Gives a new user their roles.
    pub roles: Arc<dyn RoleGrants>,
    /// Guards the last owner when somebody goes.
    pub memberships: Arc<dyn Memberships>,
    /// Ends the sessions of whoever goes.
    pub sessions: Arc<dyn Sessions>,
    /// Keeps the activity log.
    pub audit: Arc<dyn AuditSink>,
}

/// The people of a tenant: what they do with their own profile, and what administrators do with users. A method is a use
/// case. Cheap to clone. What other domains ask about people is answered by [`Directory`].
#[derive(Clone)]
pub struct Users {
    db: Db,
    rights: Arc<dyn PermissionChecker>,
    roles: Arc<dyn RoleGrants>,
    memberships: Arc<dyn Memberships>,
    sessions: Arc<dyn Sessions>,
    audit: Arc<dyn AuditSink>,
}

impl Users {
    /// The use cases on those.
    pub fn new(deps: UserDeps) -> Self {
        let UserDeps { db, rights, roles, memberships, sessions, audit } = deps;
        Self { db, rights, roles, memberships, sessions, audit }
    }
}
