//! Checkpoints of the tenant's tree.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx, cached},
    page::Limit,
    time::Timestamp,
};

use super::{bytes, hash, hashes, signed, unsigned};
use crate::{
    merkle::Hash,
    schema::audit_checkpoints,
    seal::{Checkpoint, TreeHead, Witnessed},
};

/// Notes where a root stands in the installation's tree, with the deferred statements.
pub(in crate::seal) fn put_witness(tx: &mut Tx, size: u64, witnessed: &Witnessed) {
    let (Ok(size), Ok(position), Ok(log_size)) =
        (signed(size), signed(witnessed.position), signed(witnessed.size))
    else {
        return;
    };
    let statement = diesel::update(audit_checkpoints::table.filter(audit_checkpoints::size.eq(size))).set((
        audit_checkpoints::log_position.eq(position),
        audit_checkpoints::log_size.eq(log_size),
        audit_checkpoints::log_path.eq(bytes(&witnessed.path)),
        audit_checkpoints::note.eq(witnessed.note.clone()),
    ));
    tx.defer(cached(statement));
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_checkpoints)]
struct CheckpointRow {
    size: i64,
    root: Vec<u8>,
    log_position: Option<i64>,
    log_size: Option<i64>,
    log_path: Option<Vec<u8>>,
    note: Option<String>,
    created_at: Timestamp,
}

impl TryFrom<CheckpointRow> for Checkpoint {
    type Error = DbError;

    fn try_from(row: CheckpointRow) -> Result<Self, DbError> {
        let witnessed = match (row.log_position, row.log_size, row.log_path, row.note) {
            (Some(position), Some(size), Some(path), Some(note)) => Some(Witnessed {
                position: unsigned(position)?,
                size: unsigned(size)?,
                path: hashes(&path)?,
                note,
            }),
            _ => None,
        };
        let head = TreeHead { size: unsigned(row.size)?, root: hash(&row.root)? };
        Ok(Self { head, at: row.created_at, witnessed })
    }
}

/// Checkpoints below `before`, the largest first.
pub(in crate::seal) async fn checkpoints(
    tx: &mut Tx,
    before: Option<u64>,
    limit: Limit,
) -> Result<Vec<Checkpoint>, DbError> {
    let before = before.map_or(Ok(i64::MAX), signed)?;
    let rows: Vec<CheckpointRow> = audit_checkpoints::table
        .filter(audit_checkpoints::size.lt(before))
        .order(audit_checkpoints::size.desc())
        .limit(limit.probe())
        .select(CheckpointRow::as_select())
        .load(tx)
        .await?;
    rows.into_iter().map(Checkpoint::try_from).collect()
}

/// Checkpoints of at least `least` and at most `most` leaves, the smallest first, each with its right edge.
pub(crate) async fn checkpoints_within(
    tx: &mut Tx,
    least: u64,
    most: u64,
) -> Result<Vec<(Checkpoint, Vec<Hash>)>, DbError> {
    let rows: Vec<(CheckpointRow, Vec<u8>)> = audit_checkpoints::table
        .filter(audit_checkpoints::size.between(signed(least)?, signed(most)?))
        .order(audit_checkpoints::size)
        .select((CheckpointRow::as_select(), audit_checkpoints::edge))
        .load(tx)
        .await?;
    rows.into_iter().map(|(row, edge)| Ok((Checkpoint::try_from(row)?, hashes(&edge)?))).collect()
}

/// The last checkpoint that the installation has signed; the last of all when none was; `None` before the first.
pub(crate) async fn best_checkpoint(tx: &mut Tx) -> Result<Option<Checkpoint>, DbError> {
    let newest =
        || audit_checkpoints::table.order(audit_checkpoints::size.desc()).select(CheckpointRow::as_select());
    let signed: Option<CheckpointRow> =
        newest().filter(audit_checkpoints::note.is_not_null()).first(tx).await.optional()?;
    let row = match signed {
        Some(row) => Some(row),
        None => newest().first(tx).await.optional()?,
    };
    row.map(Checkpoint::try_from).transpose()
}

/// How many leaves the tree has.
pub(crate) async fn tree_size(tx: &mut Tx) -> Result<u64, DbError> {
    let size: Option<i64> = audit_checkpoints::table
        .order(audit_checkpoints::size.desc())
        .select(audit_checkpoints::size)
        .first(tx)
        .await
        .optional()?;
    unsigned(size.unwrap_or(0))
}
