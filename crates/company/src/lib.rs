#![doc = include_str!("../README.md")]

use std::sync::Arc;

use ouvira_common::{
    db::Db,
    migration,
    migration::Migration,
    ports::{AuditSink, CompanyTree, PermissionChecker},
};

mod access;
mod create;
mod delete;
mod error;
pub mod event;
mod get;
#[cfg(feature = "http")]
pub mod http;
mod list;
pub mod model;
pub mod permission;
mod read;
mod relocate;
mod restore;
mod schema;
pub mod settings;
mod store;
mod tree;
mod update;

pub use create::NewCompany;
pub use error::CompanyError;
pub use list::CompanyFilter;
pub use restore::RESTORABLE_DAYS;
pub use tree::{Branch, TREE_DEPTH, TREE_SIZE, TREE_WIDTH};
pub use update::CompanyEdit;

/// The tables of this domain.
pub const MIGRATIONS: &[Migration] = &[migration!("company", "20261120000400_company")];

/// What the use cases need.
#[derive(Clone)]
pub struct CompanyDeps {
    /// The way to the database.
    pub db: Db,
    /// Decides who may do what.
    pub rights: Arc<dyn PermissionChecker>,
    /// Is told how the companies form a tree.
    pub tree: Arc<dyn CompanyTree>,
    /// Keeps the log.
    pub audit: Arc<dyn AuditSink>,
}

/// The use cases of companies. Cheap to clone.
#[derive(Clone)]
pub struct Companies {
    db: Db,
    rights: Arc<dyn PermissionChecker>,
    tree: Arc<dyn CompanyTree>,
    audit: Arc<dyn AuditSink>,
}

impl Companies {
    /// The use cases over `deps`.
    pub fn new(deps: CompanyDeps) -> Self {
        let CompanyDeps { db, rights, tree, audit } = deps;
        Self { db, rights, tree, audit }
    }
}
