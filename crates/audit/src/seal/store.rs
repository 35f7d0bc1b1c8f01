//! The tables of the tree.

use std::collections::HashMap;

use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Bool, Bytea, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx, cached},
    page::Limit,
    time::Timestamp,
};
use uuid::Uuid;

use super::{Checkpoint, Leaf, Log, TreeHead, Witnessed};
use crate::{
    merkle::{Frontier, Grown, Hash, Node, Sought},
    model::Retention,
    schema::{audit_checkpoints, audit_leaves},
};

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

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

/// Keeps other sealers of this tenant away until the transaction ends; `false` when one is at it.
pub(super) async fn lock(tx: &mut Tx) -> Result<bool, DbError> {
    let query = sql_query(
        "SELECT pg_try_advisory_xact_lock(hashtextextended('ouvira.seal.' || current_setting('app.tenant_id'), 0)) AS taken",
    );
    let taken: Taken = cached(query).get_result(tx).await?;
    Ok(taken.taken)
}

/// What a tree grows on from.
pub(super) struct Last {
    pub(super) frontier: Frontier,
    txid: i64,
    row: Uuid,
    pub(super) witnessed: bool,
}

/// Size, root, last transaction and row, note.
type CheckpointColumns = (i64, Vec<u8>, i64, Uuid, Option<String>);

/// The last checkpoint; the empty tree when there is none.
pub(super) async fn last(tx: &mut Tx) -> Result<Last, DbError> {
    let row: Option<CheckpointColumns> = audit_checkpoints::table
        .order(audit_checkpoints::size.desc())
        .select((
            audit_checkpoints::size,
            audit_checkpoints::edge,
            audit_checkpoints::txid,
            audit_checkpoints::row_id,
            audit_checkpoints::note,
        ))
        .first(tx)
        .await
        .optional()?;
    let Some((size, edge, txid, row, note)) = row else {
        return Ok(Last { frontier: Frontier::default(), txid: 0, row: Uuid::nil(), witnessed: false });
    };
    let frontier = Frontier::new(unsigned(size)?, hashes(&edge)?).ok_or_else(|| corrupt("edge"))?;
    Ok(Last { frontier, txid, row, witnessed: note.is_some() })
}

/// A row that is to be sealed.
pub(super) struct Unsealed {
    pub(super) txid: i64,
    pub(super) id: Uuid,
    pub(super) at: Timestamp,
    pub(super) log: Log,
    pub(super) retention: Retention,
    pub(super) public_hash: Hash,
    pub(super) personal_hash: Hash,
}

#[derive(QueryableByName)]
struct UnsealedRow {
    #[diesel(sql_type = BigInt)]
    txid: i64,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    at: Timestamp,
    #[diesel(sql_type = Text)]
    log: String,
    #[diesel(sql_type = SmallInt)]
    retention_days: i16,
    #[diesel(sql_type = Bytea)]
    public_hash: Vec<u8>,
    #[diesel(sql_type = Bytea)]
    personal_hash: Vec<u8>,
}

/// Rows after `last` of transactions before which no other is still running, in the order of their transactions.
pub(super) async fn unsealed(tx: &mut Tx, last: &Last, most: i64) -> Result<Vec<Unsealed>, DbError> {
    const COLUMNS: &str = "txid, id, at, retention_days, public_hash, personal_hash";
    const NEW: &str = "txid >= $1 AND (txid > $1 OR id > $2) \
                       AND txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
    let query = sql_query(format!(
        "SELECT * FROM ( \
             (SELECT {COLUMNS}, 'activity' AS log FROM activity_log WHERE {NEW} ORDER BY txid, id LIMIT $3) \
             UNION ALL \
             (SELECT {COLUMNS}, 'security' AS log FROM security_log WHERE {NEW} ORDER BY txid, id LIMIT $3)) new \
         ORDER BY txid, id LIMIT $3"
    ));
    let rows: Vec<UnsealedRow> =
        cached(query.bind::<BigInt, _>(last.txid).bind::<SqlUuid, _>(last.row).bind::<BigInt, _>(most))
            .load(tx)
            .await?;
    let unsealed = |row: UnsealedRow| {
        Ok(Unsealed {
            txid: row.txid,
            id: row.id,
            at: row.at,
            log: log(&row.log)?,
            retention: retention(row.retention_days)?,
            public_hash: hash(&row.public_hash)?,
            personal_hash: hash(&row.personal_hash)?,
        })
    };
    rows.into_iter().map(unsealed).collect()
}

/// Writes leaves, nodes and the checkpoint after them, with the deferred statements.
pub(super) fn put(
    tx: &mut Tx,
    leaves: &[Leaf],
    nodes: &[Grown],
    frontier: &Frontier,
    (txid, row): (i64, Uuid),
) -> Result<(), DbError> {
    let positions: Vec<i64> = leaves.iter().map(|leaf| signed(leaf.position)).collect::<Result<_, _>>()?;
    let of = |part: fn(&Leaf) -> Vec<u8>| leaves.iter().map(part).collect::<Vec<_>>();
    let put_leaves = sql_query(
        "INSERT INTO audit_leaves (position, log, row_id, retention_days, public_hash, personal_hash, leaf_hash) \
         SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind::<Array<BigInt>, _>(positions)
    .bind::<Array<Text>, _>(leaves.iter().map(|leaf| leaf.log.as_str()).collect::<Vec<_>>())
    .bind::<Array<SqlUuid>, _>(leaves.iter().map(|leaf| leaf.row).collect::<Vec<_>>())
    .bind::<Array<SmallInt>, _>(leaves.iter().map(|leaf| leaf.retention.days()).collect::<Vec<_>>())
    .bind::<Array<Bytea>, _>(of(|leaf| leaf.public_hash.to_vec()))
    .bind::<Array<Bytea>, _>(of(|leaf| leaf.personal_hash.to_vec()))
    .bind::<Array<Bytea>, _>(of(|leaf| leaf.hash().to_vec()));
    tx.defer(cached(put_leaves));

    let indexes: Vec<i64> = nodes.iter().map(|grown| signed(grown.node.index)).collect::<Result<_, _>>()?;
    let put_nodes =
        sql_query("INSERT INTO audit_nodes (level, index, hash) SELECT * FROM unnest($1, $2, $3)")
            .bind::<Array<SmallInt>, _>(
                nodes.iter().map(|grown| i16::from(grown.node.level)).collect::<Vec<_>>(),
            )
            .bind::<Array<BigInt>, _>(indexes)
            .bind::<Array<Bytea>, _>(nodes.iter().map(|grown| grown.hash.to_vec()).collect::<Vec<_>>());
    tx.defer(cached(put_nodes));

    tx.defer(diesel::insert_into(audit_checkpoints::table).values((
        audit_checkpoints::size.eq(signed(frontier.size())?),
        audit_checkpoints::root.eq(frontier.root().to_vec()),
        audit_checkpoints::edge.eq(bytes(frontier.edge())),
        audit_checkpoints::txid.eq(txid),
        audit_checkpoints::row_id.eq(row),
        audit_checkpoints::created_at.eq(tx.now()),
    )));
    Ok(())
}

/// Notes where a root stands in the installation's tree, with the deferred statements.
pub(super) fn put_witness(tx: &mut Tx, size: u64, witnessed: &Witnessed) {
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
pub(super) async fn checkpoints(
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
pub(super) async fn size(tx: &mut Tx) -> Result<u64, DbError> {
    let size: Option<i64> = audit_checkpoints::table
        .order(audit_checkpoints::size.desc())
        .select(audit_checkpoints::size)
        .first(tx)
        .await
        .optional()?;
    unsigned(size.unwrap_or(0))
}

#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = audit_leaves)]
pub(super) struct LeafRow {
    position: i64,
    log: String,
    row_id: Uuid,
    retention_days: i16,
    public_hash: Vec<u8>,
    personal_hash: Vec<u8>,
}

impl TryFrom<LeafRow> for Leaf {
    type Error = DbError;

    fn try_from(row: LeafRow) -> Result<Self, DbError> {
        Ok(Self {
            position: unsigned(row.position)?,
            log: log(&row.log)?,
            row: row.row_id,
            retention: retention(row.retention_days)?,
            public_hash: hash(&row.public_hash)?,
            personal_hash: hash(&row.personal_hash)?,
        })
    }
}

/// The leaves of these rows; rows that are not sealed have none.
pub(crate) async fn leaves_of(tx: &mut Tx, rows: &[Uuid]) -> Result<HashMap<Uuid, Leaf>, DbError> {
    let found: Vec<LeafRow> = audit_leaves::table
        .filter(audit_leaves::row_id.eq_any(rows))
        .select(LeafRow::as_select())
        .load(tx)
        .await?;
    found.into_iter().map(|row| Ok((row.row_id, Leaf::try_from(row)?))).collect()
}

#[derive(QueryableByName)]
struct NodeRow {
    #[diesel(sql_type = SmallInt)]
    level: i16,
    #[diesel(sql_type = BigInt)]
    index: i64,
    #[diesel(sql_type = Bytea)]
    hash: Vec<u8>,
}

/// The hashes of the kept nodes that these proofs are made from, in one query.
pub(crate) async fn nodes(tx: &mut Tx, sought: &[Sought]) -> Result<HashMap<Node, Hash>, DbError> {
    let mut wanted: Vec<Node> = sought.iter().flat_map(Sought::stored).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let (leaves, inner): (Vec<Node>, Vec<Node>) = wanted.into_iter().partition(|node| node.level == 0);
    let positions: Vec<i64> = leaves.iter().map(|node| signed(node.index)).collect::<Result<_, _>>()?;
    let levels: Vec<i16> = inner.iter().map(|node| i16::from(node.level)).collect();
    let indexes: Vec<i64> = inner.iter().map(|node| signed(node.index)).collect::<Result<_, _>>()?;
    let query = sql_query(
        "SELECT 0::smallint AS level, position AS index, leaf_hash AS hash FROM audit_leaves \
          WHERE position = ANY ($1) \
         UNION ALL \
         SELECT n.level, n.index, n.hash FROM unnest($2, $3) AS w (level, index) \
           JOIN audit_nodes n ON n.level = w.level AND n.index = w.index",
    );
    let rows: Vec<NodeRow> = cached(
        query
            .bind::<Array<BigInt>, _>(positions)
            .bind::<Array<SmallInt>, _>(levels)
            .bind::<Array<BigInt>, _>(indexes),
    )
    .load(tx)
    .await?;
    let node = |row: NodeRow| {
        let level = u8::try_from(row.level).map_err(|_| corrupt("level"))?;
        Ok((Node { level, index: unsigned(row.index)? }, hash(&row.hash)?))
    };
    rows.into_iter().map(node).collect()
}
