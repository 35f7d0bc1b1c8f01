//! People who run the platform (I5). They live in the catalog and belong to no tenant; their passwords are hashed by who
//! calls here.

mod create;
mod find;
mod forget_lapsed;
mod grant;
mod list;
mod revoke;
mod set_active;
mod set_password;
mod sign_in;
mod store;

use ouvira_common::{id::OperatorId, time::Timestamp};

use crate::catalog::Catalog;

pub use sign_in::OperatorStore;

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Id.
    pub id: OperatorId,
    /// What they sign in with.
    pub email: String,
    /// Whether they may.
    pub active: bool,
    /// When they were made.
    pub created_at: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
    /// Raised by every change.
    pub version: i64,
}

/// The use cases on operators. Cheap to clone.
#[derive(Clone)]
pub struct Operators {
    catalog: Catalog,
}

impl Operators {
    /// The operators of `catalog`.
    pub fn new(catalog: Catalog) -> Self {
        Self { catalog }
    }
}
