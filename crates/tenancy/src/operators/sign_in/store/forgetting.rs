//! Deleting what is over, a few rows at a time. Rows that somebody holds are passed over.

use diesel::{
    sql_query,
    sql_types::{BigInt, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use ouvira_common::{
    db::{DbError, cached},
    time::Timestamp,
};

/// What was over before these instants is deleted.
#[derive(Debug, Clone, Copy)]
pub(in crate::operators) struct Before {
    /// Counters.
    pub(in crate::operators) now: Timestamp,
    /// Logins that waited for a second factor.
    pub(in crate::operators) logins: Timestamp,
    /// Sessions.
    pub(in crate::operators) sessions: Timestamp,
    /// The last session of a device, which is what it is known by.
    pub(in crate::operators) devices: Timestamp,
}

const COUNTERS: &str = "DELETE FROM ouvira_catalog.operator_attempts WHERE (kind, subject) IN ( \
    SELECT kind, subject FROM ouvira_catalog.operator_attempts \
     WHERE resets_at < $1 AND (blocked_until IS NULL OR blocked_until < $1) \
     ORDER BY resets_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
const LOGINS: &str = "DELETE FROM ouvira_catalog.operator_login_challenges WHERE id IN ( \
    SELECT id FROM ouvira_catalog.operator_login_challenges WHERE expires_at < $1 \
     ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
const SESSIONS: &str = "DELETE FROM ouvira_catalog.operator_sessions WHERE id IN ( \
    SELECT s.id FROM ouvira_catalog.operator_sessions s \
     WHERE least(s.ended_at, s.expires_at) < $1 \
       AND (least(s.ended_at, s.expires_at) < $3 OR EXISTS ( \
            SELECT FROM ouvira_catalog.operator_sessions later \
             WHERE later.operator_id = s.operator_id AND later.device = s.device AND later.id > s.id)) \
     LIMIT $2 FOR UPDATE SKIP LOCKED)";

/// Deletes at most `batch` rows of each sort; answers how many, and whether there may be more.
pub(in crate::operators) async fn forget(
    conn: &mut AsyncPgConnection,
    before: &Before,
    batch: i64,
) -> Result<(usize, bool), DbError> {
    let of = |statement, over: Timestamp| {
        cached(sql_query(statement).bind::<Timestamptz, _>(over).bind::<BigInt, _>(batch))
    };
    let counters = of(COUNTERS, before.now).execute(conn).await?;
    let logins = of(LOGINS, before.logins).execute(conn).await?;
    let sessions = sql_query(SESSIONS)
        .bind::<Timestamptz, _>(before.sessions)
        .bind::<BigInt, _>(batch)
        .bind::<Timestamptz, _>(before.devices);
    let sessions = cached(sessions).execute(conn).await?;
    let full = |rows: usize| i64::try_from(rows).is_ok_and(|rows| rows >= batch);
    Ok((counters + logins + sessions, [counters, logins, sessions].into_iter().any(full)))
}
