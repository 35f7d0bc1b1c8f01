//! What sealing reads and writes.

use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Bool, Bytea, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx, cached},
    time::Timestamp,
};
use uuid::Uuid;

use super::{bytes, corrupt, hash, hashes, log, retention, signed, unsigned};
use crate::{
    merkle::{Frontier, Grown, Hash},
    model::Retention,
    schema::audit_checkpoints,
    seal::{Leaf, Log},
};

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

/// Keeps other sealers of this tenant away until the transaction ends; `false` when one is at it.
pub(in crate::seal) async fn lock(tx: &mut Tx) -> Result<bool, DbError> {
    let query = sql_query(
        "SELECT pg_try_advisory_xact_lock(hashtextextended('ouvira.seal.' || current_setting('app.tenant_id'), 0)) AS taken",
    );
    let taken: Taken = cached(query).get_result(tx).await?;
    Ok(taken.taken)
}

/// What a tree grows on from.
pub(in crate::seal) struct Last {
    pub(in crate::seal) frontier: Frontier,
    txid: i64,
    row: Uuid,
    pub(in crate::seal) witnessed: bool,
}

/// Size, root, last transaction and row, note.
type CheckpointColumns = (i64, Vec<u8>, i64, Uuid, Option<String>);

/// The last checkpoint; the empty tree when there is none.
pub(in crate::seal) async fn last(tx: &mut Tx) -> Result<Last, DbError> {
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
pub(in crate::seal) struct Unsealed {
    pub(in crate::seal) txid: i64,
    pub(in crate::seal) id: Uuid,
    pub(in crate::seal) at: Timestamp,
    pub(in crate::seal) log: Log,
    pub(in crate::seal) retention: Retention,
    pub(in crate::seal) public_hash: Hash,
    pub(in crate::seal) personal_hash: Hash,
    pub(in crate::seal) ready: bool,
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
    #[diesel(sql_type = Bool)]
    ready: bool,
}

/// Rows after `last` in the order of their transactions; those are ready before whose transaction no other is still
/// running, and they come first.
///
/// Numbers of transactions that this server has not reached yet are another server's, from which the database was
/// restored: then what has no leaf is new, wherever it stands.
pub(in crate::seal) async fn unsealed(tx: &mut Tx, last: &Last, most: i64) -> Result<Vec<Unsealed>, DbError> {
    const COLUMNS: &str = "txid, id, at, retention_days, public_hash, personal_hash, \
                           txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint \
                           OR txid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS ready";
    const NEW: &str = "txid >= CASE WHEN $1 < pg_snapshot_xmax(pg_current_snapshot())::text::bigint THEN $1 ELSE 0 END \
                       AND (txid <> $1 OR id > $2) AND NOT EXISTS (SELECT FROM audit_leaves l WHERE l.row_id = r.id)";
    let query = sql_query(format!(
        "SELECT * FROM ( \
             (SELECT {COLUMNS}, 'activity' AS log FROM activity_log r WHERE {NEW} ORDER BY txid, id LIMIT $3) \
             UNION ALL \
             (SELECT {COLUMNS}, 'security' AS log FROM security_log r WHERE {NEW} ORDER BY txid, id LIMIT $3)) new \
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
            ready: row.ready,
        })
    };
    rows.into_iter().map(unsealed).collect()
}
/// Writes leaves, nodes and the checkpoint after them, with the deferred statements.
pub(in crate::seal) fn put(
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
