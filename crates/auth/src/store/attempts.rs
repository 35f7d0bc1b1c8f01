//! What is counted against guessing and cost. Every statement takes one row, so that two requests never wait for each other
//! in a circle.

use chrono::Duration;
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, Bytea, Integer, Text, Timestamptz},
};
use diesel_async::RunQueryDsl as _;
use ouvira_common::{
    db::{DbError, Tx, cached},
    time::Timestamp,
};

/// A keyed hash of what is counted.
pub(crate) type Subject = [u8; 32];

/// Something that is counted in windows of time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counter {
    pub(crate) kind: &'static str,
    pub(crate) subject: Subject,
    pub(crate) window: Duration,
}

/// How often something was done in the present window.
#[derive(Debug, Clone, QueryableByName)]
pub(crate) struct Counted {
    #[diesel(sql_type = Text)]
    pub(crate) kind: String,
    #[diesel(sql_type = Integer)]
    pub(crate) count: i32,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) resets_at: Timestamp,
}

/// Counts one more for each of `counters`, whose kinds differ, in a new window where the former one has passed. The rows
/// are locked in their order until the transaction ends: whoever counts several does so in one order everywhere.
pub(crate) async fn count(tx: &mut Tx, counters: &[Counter]) -> Result<Vec<Counted>, DbError> {
    let now = tx.now();
    let kinds: Vec<&str> = counters.iter().map(|counter| counter.kind).collect();
    let subjects: Vec<Vec<u8>> = counters.iter().map(|counter| counter.subject.to_vec()).collect();
    let resets: Vec<Timestamp> = counters.iter().map(|counter| now + counter.window).collect();
    let statement = sql_query(
        "INSERT INTO attempts AS a (kind, subject, count, resets_at, created_at, updated_at) \
         SELECT c.kind, c.subject, 1, c.resets_at, $4, $4 \
           FROM unnest($1, $2, $3) WITH ORDINALITY AS c (kind, subject, resets_at, place) ORDER BY c.place \
         ON CONFLICT (tenant_id, kind, subject) DO UPDATE SET updated_at = $4, \
             count = CASE WHEN a.resets_at <= $4 THEN 1 ELSE a.count + 1 END, \
             resets_at = CASE WHEN a.resets_at <= $4 THEN excluded.resets_at ELSE a.resets_at END \
         RETURNING kind, count, resets_at",
    )
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<Bytea>, _>(subjects)
    .bind::<Array<Timestamptz>, _>(resets)
    .bind::<Timestamptz, _>(now);
    Ok(cached(statement).load(tx).await?)
}

/// Gives back what was counted last for `subject`; deferred.
pub(crate) fn give_back(tx: &mut Tx, kind: &'static str, subject: Subject) {
    let now = tx.now();
    tx.defer(cached(
        sql_query("UPDATE attempts SET count = count - 1, updated_at = $3 WHERE kind = $1 AND subject = $2 AND count > 0")
            .bind::<Text, _>(kind)
            .bind::<Bytea, _>(subject.to_vec())
            .bind::<Timestamptz, _>(now),
    ));
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
            "INSERT INTO attempts AS a (kind, subject, count, resets_at, created_at, updated_at) \
             VALUES ($1, $2, 1, $4, $3, $3) \
             ON CONFLICT (tenant_id, kind, subject) DO UPDATE SET updated_at = $3, resets_at = $4, \
                 count = CASE WHEN a.resets_at <= $3 THEN 1 ELSE a.count + 1 END, \
                 blocked_until = CASE WHEN a.resets_at > $3 AND a.count + 1 >= $5 THEN \
                     $3 + make_interval(secs => least(power(2, least(a.count + 1 - $5, 20)), $6)) END",
        )
        .bind::<Text, _>(LOGIN_FAILURES)
        .bind::<Bytea, _>(subject.to_vec())
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now + FORGET)
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
