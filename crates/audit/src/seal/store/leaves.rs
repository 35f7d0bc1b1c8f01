//! Leaves and inner nodes.

use std::collections::HashMap;

use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Bytea, SmallInt, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use ouvira_common::db::{DbError, Tx, cached};
use uuid::Uuid;

use super::{corrupt, hash, log, retention, signed, unsigned};
use crate::{
    merkle::{Hash, Node, Sought},
    schema::audit_leaves,
    seal::{Leaf, Log},
};

#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = audit_leaves)]
struct LeafRow {
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

impl NodeRow {
    fn node(self) -> Result<(Node, Hash), DbError> {
        let level = u8::try_from(self.level).map_err(|_| corrupt("level"))?;
        Ok((Node { level, index: unsigned(self.index)? }, hash(&self.hash)?))
    }
}

/// The hashes of the kept nodes that these proofs are made from, in one query.
pub(crate) async fn nodes(tx: &mut Tx, sought: &[Sought]) -> Result<HashMap<Node, Hash>, DbError> {
    kept(tx, sought.iter().flat_map(Sought::stored).collect()).await
}

/// The hashes of these nodes, in one query; those that are not kept are left out.
pub(crate) async fn kept(tx: &mut Tx, mut wanted: Vec<Node>) -> Result<HashMap<Node, Hash>, DbError> {
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
    rows.into_iter().map(NodeRow::node).collect()
}

/// Reads the leaves from `position` on, at most `most`, with the hash that is kept of each.
pub(crate) async fn leaves_from(tx: &mut Tx, position: u64, most: i64) -> Result<Vec<(Leaf, Hash)>, DbError> {
    let rows: Vec<(LeafRow, Vec<u8>)> = audit_leaves::table
        .filter(audit_leaves::position.ge(signed(position)?))
        .order(audit_leaves::position)
        .limit(most)
        .select((LeafRow::as_select(), audit_leaves::leaf_hash))
        .load(tx)
        .await?;
    rows.into_iter().map(|(row, kept)| Ok((Leaf::try_from(row)?, hash(&kept)?))).collect()
}

/// The leaves from `from` up to but without `to` that have no row in the activity log, at most `most`.
pub(crate) async fn bare_leaves(tx: &mut Tx, from: u64, to: u64, most: i64) -> Result<Vec<Leaf>, DbError> {
    let query = sql_query(
        "SELECT l.position, l.log, l.row_id, l.retention_days, l.public_hash, l.personal_hash FROM audit_leaves l \
          WHERE l.position >= $1 AND l.position < $2 \
            AND (l.log <> 'activity' OR NOT EXISTS (SELECT FROM activity_log r WHERE r.id = l.row_id)) \
          ORDER BY l.position LIMIT $3",
    );
    let query = query.bind::<BigInt, _>(signed(from)?).bind::<BigInt, _>(signed(to)?).bind::<BigInt, _>(most);
    let rows: Vec<LeafRow> = cached(query).load(tx).await?;
    rows.into_iter().map(Leaf::try_from).collect()
}

#[derive(QueryableByName)]
struct StrayRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    log: String,
}

/// The first row that stands before the last sealed one and is not in the tree: somebody put it there afterwards.
pub(crate) async fn stray(tx: &mut Tx) -> Result<Option<(Log, Uuid)>, DbError> {
    const BEHIND: &str = "(r.txid < c.txid OR (r.txid = c.txid AND r.id <= c.row_id)) \
                          AND c.txid < pg_snapshot_xmax(pg_current_snapshot())::text::bigint \
                          AND NOT EXISTS (SELECT FROM audit_leaves l WHERE l.row_id = r.id)";
    let query = sql_query(format!(
        "WITH c AS (SELECT txid, row_id FROM audit_checkpoints ORDER BY size DESC LIMIT 1) \
         SELECT id, log FROM ( \
             SELECT r.id, 'activity' AS log FROM activity_log r, c WHERE {BEHIND} \
             UNION ALL SELECT r.id, 'security' FROM security_log r, c WHERE {BEHIND}) found ORDER BY id LIMIT 1"
    ));
    let row: Option<StrayRow> = cached(query).get_result(tx).await.optional()?;
    row.map(|row| Ok((log(&row.log)?, row.id))).transpose()
}

#[derive(QueryableByName)]
struct EndsRow {
    #[diesel(sql_type = BigInt)]
    size: i64,
    #[diesel(sql_type = BigInt)]
    leaves: i64,
}

/// How many leaves the last checkpoint is over, and how many there are. The two are written together.
pub(crate) async fn ends(tx: &mut Tx) -> Result<(u64, u64), DbError> {
    let query = sql_query(
        "SELECT coalesce((SELECT max(size) FROM audit_checkpoints), 0) AS size, \
                coalesce((SELECT max(position) + 1 FROM audit_leaves), 0) AS leaves",
    );
    let row: EndsRow = cached(query).get_result(tx).await?;
    Ok((unsigned(row.size)?, unsigned(row.leaves)?))
}
