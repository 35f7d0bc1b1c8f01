//! The tables of the tree.

mod checkpoints;
mod growth;
mod leaves;

use ouvira_common::db::DbError;

use super::Log;
use crate::{merkle::Hash, model::Retention};

pub(crate) use checkpoints::{best_checkpoint, checkpoints_within, tree_size};
pub(super) use checkpoints::{checkpoints, put_witness};
pub(super) use growth::{Last, Unsealed, last, lock, put, unsealed};
pub(crate) use leaves::{bare_leaves, ends, kept, leaves_from, leaves_of, nodes, stray};

/// A value in a table that our own checks do not let in.
pub(crate) fn corrupt(what: &str) -> DbError {
    DbError::Query(diesel::result::Error::DeserializationError(
        format!("the tree has an unreadable {what}").into(),
    ))
}

/// A count or a place as Postgres has it.
pub(crate) fn signed(number: u64) -> Result<i64, DbError> {
    i64::try_from(number).map_err(|_| corrupt("number"))
}

pub(crate) fn unsigned(number: i64) -> Result<u64, DbError> {
    u64::try_from(number).map_err(|_| corrupt("number"))
}

/// A hash as it is kept.
pub(crate) fn hash(bytes: &[u8]) -> Result<Hash, DbError> {
    bytes.try_into().map_err(|_| corrupt("hash"))
}

/// Hashes as they are kept, one after the other.
pub(crate) fn hashes(bytes: &[u8]) -> Result<Vec<Hash>, DbError> {
    bytes.chunks(32).map(hash).collect()
}

/// The reverse of [`hashes`].
pub(crate) fn bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.concat()
}

pub(crate) fn log(name: &str) -> Result<Log, DbError> {
    Log::ALL.into_iter().find(|log| log.as_str() == name).ok_or_else(|| corrupt("log"))
}

pub(crate) fn retention(days: i16) -> Result<Retention, DbError> {
    Retention::of_days(days).ok_or_else(|| corrupt("retention"))
}
