//! What is counted against guessing and cost. Every statement takes one row, so that two requests never wait for each other
//! in a circle.

use chrono::Duration;
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Bytea, Integer, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;
use ouvira_common::{
    db::{DbError, Tx, cached},
    time::Timestamp,
};

/// A keyed hash of what is counted.
pub(crate) type Subject = [u8; 32];

/// How often something was done in the present window.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub(crate) struct Counted {
    #[diesel(sql_type = Integer)]
    pub(crate) count: i32,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) started_at: Timestamp,
}

/// Counts one more `kind` for `subject`, in a new window when the former one is older than `window`.
pub(crate) async fn count(
    tx: &mut Tx,
    kind: &'static str,
    subject: Subject,
    window: Duration,
) -> Result<Counted, DbError> {
    let now = tx.now();
    let statement = sql_query(
        "INSERT INTO attempts AS a (kind, subject, count, started_at, created_at, updated_at) \
         VALUES ($1, $2, 1, $3, $3, $3) \
         ON CONFLICT (tenant_id, kind, subject) DO UPDATE SET updated_at = $3, \
             count = CASE WHEN a.started_at <= $4 THEN 1 ELSE a.count + 1 END, \
             started_at = CASE WHEN a.started_at <= $4 THEN $3 ELSE a.started_at END \
         RETURNING count, started_at",
    )
    .bind::<Text, _>(kind)
    .bind::<Bytea, _>(subject.to_vec())
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(now - window);
    Ok(cached(statement).get_result(tx).await?)
}

/// How failures of one kind of subject slow the next ones down.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delays {
    /// Failures before the first delay.
    pub(crate) free: i32,
    /// The longest delay, seconds; each is twice the one before.
    pub(crate) longest: i32,
}

/// After a quiet day failures are forgotten.
const FORGET: Duration = Duration::hours(24);

pub(crate) const LOGIN_FAILURES: &str = "login_failures";

/// Notes a failed login for `subject`; deferred.
pub(crate) fn note_login_failure(tx: &mut Tx, subject: Subject, delays: Delays) {
    let now = tx.now();
    tx.defer(cached(
        sql_query(
            "INSERT INTO attempts AS a (kind, subject, count, started_at, created_at, updated_at) \
             VALUES ($1, $2, 1, $3, $3, $3) \
             ON CONFLICT (tenant_id, kind, subject) DO UPDATE SET updated_at = $3, \
                 count = CASE WHEN a.updated_at <= $4 THEN 1 ELSE a.count + 1 END, \
                 started_at = CASE WHEN a.updated_at <= $4 THEN $3 ELSE a.started_at END, \
                 blocked_until = CASE WHEN a.updated_at > $4 AND a.count + 1 >= $5 THEN \
                     $3 + make_interval(secs => least(power(2, least(a.count + 1 - $5, 20)), $6)) END",
        )
        .bind::<Text, _>(LOGIN_FAILURES)
        .bind::<Bytea, _>(subject.to_vec())
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now - FORGET)
        .bind::<Integer, _>(delays.free)
        .bind::<Integer, _>(delays.longest),
    ));
}

/// Forgets the failures of `subject`: the right password came; deferred.
pub(crate) fn forget_login_failures(tx: &mut Tx, subject: Subject) {
    tx.defer(cached(
        sql_query("DELETE FROM attempts WHERE kind = $1 AND subject = $2")
            .bind::<Text, _>(LOGIN_FAILURES)
            .bind::<Bytea, _>(subject.to_vec()),
    ));
}
