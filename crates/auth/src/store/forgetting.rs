//! Deleting what is over, a few rows at a time, by an index of each table. Rows that somebody holds are passed over.

use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Timestamptz},
};
use diesel_async::RunQueryDsl as _;
use ouvira_common::{
    db::{DbError, FORGET_SESSIONS, Tx, cached},
    time::Timestamp,
};

use crate::Forgotten;

/// What was over before these instants is deleted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before {
    pub(crate) single_use: Timestamp,
    pub(crate) sessions: Timestamp,
    pub(crate) devices: Timestamp,
    pub(crate) counters: Timestamp,
}

const CHALLENGES: &str = "DELETE FROM challenges WHERE id IN ( \
    SELECT id FROM challenges WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
const TOKENS: &str = "DELETE FROM one_time_tokens WHERE id IN ( \
    SELECT id FROM one_time_tokens WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
const LOGINS: &str = "DELETE FROM login_challenges WHERE id IN ( \
    SELECT id FROM login_challenges WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
const DEVICES: &str = "DELETE FROM known_devices WHERE (user_id, device) IN ( \
    SELECT user_id, device FROM known_devices WHERE last_used_at < $1 ORDER BY last_used_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
const COUNTERS: &str = "DELETE FROM attempts WHERE (kind, subject) IN ( \
    SELECT kind, subject FROM attempts WHERE resets_at < $1 AND (blocked_until IS NULL OR blocked_until < $1) \
     ORDER BY resets_at LIMIT $2 FOR UPDATE SKIP LOCKED)";

/// Deletes at most `batch` rows of each sort.
pub(crate) async fn forget(tx: &mut Tx, before: &Before, batch: i64) -> Result<Forgotten, DbError> {
    let mut forgotten = Forgotten { rows: 0, more: false };
    for (statement, before) in [
        (CHALLENGES, before.single_use),
        (TOKENS, before.single_use),
        (LOGINS, before.single_use),
        (DEVICES, before.devices),
        (COUNTERS, before.counters),
    ] {
        let delete = sql_query(statement).bind::<Timestamptz, _>(before).bind::<BigInt, _>(batch);
        forgotten.add(cached(delete).execute(tx).await?, batch);
    }
    for over in ["ended_at", "absolute_expires_at"] {
        forgotten.add(forget_sessions(tx, over, before.sessions, batch).await?, batch);
    }
    Ok(forgotten)
}

impl Forgotten {
    fn add(&mut self, rows: usize, batch: i64) {
        self.rows += u64::try_from(rows).unwrap_or(u64::MAX);
        self.more |= i64::try_from(rows).is_ok_and(|rows| rows >= batch);
    }
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// Sessions, here and at the gate, that were over by that column.
async fn forget_sessions(
    tx: &mut Tx,
    over: &'static str,
    before: Timestamp,
    batch: i64,
) -> Result<usize, DbError> {
    let statement = sql_query(format!(
        "WITH gone AS (DELETE FROM sessions WHERE id IN ( \
             SELECT id FROM sessions WHERE {over} < $1 ORDER BY {over} LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING id), \
         ids AS (SELECT coalesce(array_agg(id), '{{}}') AS ids, count(*) AS rows FROM gone) \
         SELECT rows, {FORGET_SESSIONS}(ids) FROM ids"
    ))
    .bind::<Timestamptz, _>(before)
    .bind::<BigInt, _>(batch);
    let counted: Counted = cached(statement).get_result(tx).await?;
    Ok(usize::try_from(counted.rows).unwrap_or(0))
}
