//! The tables of this domain; only the files of this module speak diesel.

pub(crate) mod companies;
pub(crate) mod evidence;
pub(crate) mod facts;
pub(crate) mod invitations;
pub(crate) mod memberships;
pub(crate) mod object_grants;
pub(crate) mod owners;
pub(crate) mod permissions;
pub(crate) mod role_permissions;
pub(crate) mod roles;
pub(crate) mod user_roles;

use ouvira_common::db::DbError;

/// A row that the checks of its table do not let in.
fn corrupt(what: &str) -> DbError {
    DbError::Query(diesel::result::Error::DeserializationError(format!("a row has an unknown {what}").into()))
}
