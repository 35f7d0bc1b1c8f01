//! The tables of the installation's tree.

use std::collections::HashMap;

use diesel::{
    OptionalExtension as _, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bytea, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use ouvira_common::{db::DbError, id::TenantId, time::Timestamp};
use uuid::Uuid;

use super::{Entry, installation_leaf};
use crate::{
    merkle::{Frontier, Grown, Hash, Node, Sought},
    seal::{
        TreeHead,
        store::{bytes, corrupt, hash, hashes, signed, unsigned},
    },
};

/// Keeps other appenders away until the transaction ends.
pub(super) async fn lock(conn: &mut AsyncPgConnection) -> Result<(), DbError> {
    conn.batch_execute("SELECT pg_advisory_xact_lock(hashtextextended('ouvira.seal', 0))").await?;
    Ok(())
}

#[derive(QueryableByName)]
struct EdgeRow {
    #[diesel(sql_type = BigInt)]
    size: i64,
    #[diesel(sql_type = Bytea)]
    edge: Vec<u8>,
}

/// What the tree grows on from.
pub(super) async fn frontier(conn: &mut AsyncPgConnection) -> Result<Frontier, DbError> {
    let row: Option<EdgeRow> =
        sql_query("SELECT size, edge FROM ouvira_seal.checkpoints ORDER BY size DESC LIMIT 1")
            .get_result(conn)
            .await
            .optional()?;
    let Some(row) = row else { return Ok(Frontier::default()) };
    Frontier::new(unsigned(row.size)?, hashes(&row.edge)?).ok_or_else(|| corrupt("edge"))
}

/// Writes leaves from position `first` on.
pub(super) async fn put_leaves(
    conn: &mut AsyncPgConnection,
    first: u64,
    entries: &[Entry],
    now: Timestamp,
) -> Result<(), DbError> {
    let sizes: Vec<i64> = entries.iter().map(|entry| signed(entry.head.size)).collect::<Result<_, _>>()?;
    let leaf = |entry: &Entry| installation_leaf(entry.tenant, &entry.head).to_vec();
    sql_query(
        "INSERT INTO ouvira_seal.leaves (position, tenant_id, size, root, leaf_hash, created_at) \
         SELECT $1 + n - 1, tenant_id, size, root, leaf_hash, $6 \
           FROM unnest($2, $3, $4, $5) WITH ORDINALITY AS new (tenant_id, size, root, leaf_hash, n)",
    )
    .bind::<BigInt, _>(signed(first)?)
    .bind::<Array<SqlUuid>, _>(entries.iter().map(|entry| entry.tenant).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(sizes)
    .bind::<Array<Bytea>, _>(entries.iter().map(|entry| entry.head.root.to_vec()).collect::<Vec<_>>())
    .bind::<Array<Bytea>, _>(entries.iter().map(leaf).collect::<Vec<_>>())
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes nodes that were completed.
pub(super) async fn put_nodes(conn: &mut AsyncPgConnection, nodes: &[Grown]) -> Result<(), DbError> {
    let indexes: Vec<i64> = nodes.iter().map(|grown| signed(grown.node.index)).collect::<Result<_, _>>()?;
    sql_query("INSERT INTO ouvira_seal.nodes (level, index, hash) SELECT * FROM unnest($1, $2, $3)")
        .bind::<Array<SmallInt>, _>(nodes.iter().map(|grown| i16::from(grown.node.level)).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(indexes)
        .bind::<Array<Bytea>, _>(nodes.iter().map(|grown| grown.hash.to_vec()).collect::<Vec<_>>())
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes the checkpoint of the tree as it is now.
pub(super) async fn put_checkpoint(
    conn: &mut AsyncPgConnection,
    frontier: &Frontier,
    note: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    sql_query("INSERT INTO ouvira_seal.checkpoints (size, root, edge, note, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind::<BigInt, _>(signed(frontier.size())?)
        .bind::<Bytea, _>(frontier.root().to_vec())
        .bind::<Bytea, _>(bytes(frontier.edge()))
        .bind::<Text, _>(note)
        .bind::<Timestamptz, _>(now)
        .execute(conn)
        .await?;
    Ok(())
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
pub(super) async fn nodes(
    conn: &mut AsyncPgConnection,
    sought: &[Sought],
) -> Result<HashMap<Node, Hash>, DbError> {
    let mut wanted: Vec<Node> = sought.iter().flat_map(Sought::stored).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let levels: Vec<i16> = wanted.iter().map(|node| i16::from(node.level)).collect();
    let indexes: Vec<i64> = wanted.iter().map(|node| signed(node.index)).collect::<Result<_, _>>()?;
    let rows: Vec<NodeRow> = sql_query(
        "SELECT w.level, w.index, coalesce(l.leaf_hash, n.hash) AS hash \
           FROM unnest($1, $2) AS w (level, index) \
           LEFT JOIN ouvira_seal.leaves l ON w.level = 0 AND l.position = w.index \
           LEFT JOIN ouvira_seal.nodes n ON n.level = w.level AND n.index = w.index \
          WHERE coalesce(l.leaf_hash, n.hash) IS NOT NULL",
    )
    .bind::<Array<SmallInt>, _>(levels)
    .bind::<Array<BigInt>, _>(indexes)
    .load(conn)
    .await?;
    let node = |row: NodeRow| {
        let level = u8::try_from(row.level).map_err(|_| corrupt("level"))?;
        Ok((Node { level, index: unsigned(row.index)? }, hash(&row.hash)?))
    };
    rows.into_iter().map(node).collect()
}

/// A signing key as it is kept.
#[derive(QueryableByName)]
pub(super) struct KeptKey {
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: Uuid,
    #[diesel(sql_type = Text)]
    pub(super) name: String,
    #[diesel(sql_type = Text)]
    pub(super) wrapped_by: String,
    #[diesel(sql_type = Bytea)]
    pub(super) wrapped: Vec<u8>,
}

/// The key that signs at present.
pub(super) async fn signing_key(conn: &mut AsyncPgConnection) -> Result<Option<KeptKey>, DbError> {
    let query = "SELECT id, name, wrapped_by, wrapped FROM ouvira_seal.signing_keys ORDER BY id DESC LIMIT 1";
    Ok(sql_query(query).get_result(conn).await.optional()?)
}

/// Keeps a new key, which signs from now on.
pub(super) async fn put_signing_key(
    conn: &mut AsyncPgConnection,
    key: &KeptKey,
    verifier: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    sql_query(
        "INSERT INTO ouvira_seal.signing_keys (id, name, verifier, wrapped_by, wrapped, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind::<SqlUuid, _>(key.id)
    .bind::<Text, _>(&key.name)
    .bind::<Text, _>(verifier)
    .bind::<Text, _>(&key.wrapped_by)
    .bind::<Bytea, _>(&key.wrapped)
    .bind::<Timestamptz, _>(now)
    .execute(conn)
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct VerifierRow {
    #[diesel(sql_type = Text)]
    verifier: String,
}

/// Texts of all keys' verifiers, the oldest first.
pub(super) async fn verifiers(conn: &mut AsyncPgConnection) -> Result<Vec<String>, DbError> {
    let rows: Vec<VerifierRow> =
        sql_query("SELECT verifier FROM ouvira_seal.signing_keys ORDER BY id").load(conn).await?;
    Ok(rows.into_iter().map(|row| row.verifier).collect())
}

#[derive(QueryableByName)]
struct LeafRow {
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = SqlUuid)]
    tenant_id: TenantId,
    #[diesel(sql_type = BigInt)]
    size: i64,
    #[diesel(sql_type = Bytea)]
    root: Vec<u8>,
}

/// Leaves from `position` on with their positions, at most `most`.
pub(super) async fn leaves_from(
    conn: &mut AsyncPgConnection,
    position: u64,
    most: i64,
) -> Result<Vec<(u64, Entry)>, DbError> {
    let rows: Vec<LeafRow> = sql_query(
        "SELECT position, tenant_id, size, root FROM ouvira_seal.leaves WHERE position >= $1 ORDER BY position LIMIT $2",
    )
    .bind::<BigInt, _>(signed(position)?)
    .bind::<BigInt, _>(most)
    .load(conn)
    .await?;
    let entry = |row: LeafRow| {
        let head = TreeHead { size: unsigned(row.size)?, root: hash(&row.root)? };
        Ok((unsigned(row.position)?, Entry { tenant: row.tenant_id, head }))
    };
    rows.into_iter().map(entry).collect()
}

#[derive(QueryableByName)]
struct NoteRow {
    #[diesel(sql_type = BigInt)]
    size: i64,
    #[diesel(sql_type = Text)]
    note: String,
}

/// Sizes and notes of checkpoints for more than `size` leaves, the smallest first, at most `most`.
pub(super) async fn notes_after(
    conn: &mut AsyncPgConnection,
    size: u64,
    most: i64,
) -> Result<Vec<(u64, String)>, DbError> {
    let rows: Vec<NoteRow> =
        sql_query("SELECT size, note FROM ouvira_seal.checkpoints WHERE size > $1 ORDER BY size LIMIT $2")
            .bind::<BigInt, _>(signed(size)?)
            .bind::<BigInt, _>(most)
            .load(conn)
            .await?;
    rows.into_iter().map(|row| Ok((unsigned(row.size)?, row.note))).collect()
}

/// Size and note of the newest checkpoint.
pub(super) async fn newest_note(conn: &mut AsyncPgConnection) -> Result<Option<(u64, String)>, DbError> {
    let row: Option<NoteRow> =
        sql_query("SELECT size, note FROM ouvira_seal.checkpoints ORDER BY size DESC LIMIT 1")
            .get_result(conn)
            .await
            .optional()?;
    row.map(|row| Ok((unsigned(row.size)?, row.note))).transpose()
}

#[derive(QueryableByName)]
struct RootRow {
    #[diesel(sql_type = Bytea)]
    root: Vec<u8>,
}

/// The root of the tree when it had `size` leaves, if a checkpoint was made of it.
pub(super) async fn root_of(conn: &mut AsyncPgConnection, size: u64) -> Result<Option<Hash>, DbError> {
    let row: Option<RootRow> = sql_query("SELECT root FROM ouvira_seal.checkpoints WHERE size = $1")
        .bind::<BigInt, _>(signed(size)?)
        .get_result(conn)
        .await
        .optional()?;
    row.map(|row| hash(&row.root)).transpose()
}
