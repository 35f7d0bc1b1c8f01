//! What is counted against guessing. Every statement takes one row.

use chrono::Duration;
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Bytea, Integer, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use ouvira_common::{
    db::{DbError, cached},
    id::OperatorId,
    ports::{CountedFailure, GuessCount, Guessed},
    time::Timestamp,
};

/// After a quiet day failures are forgotten.
const FORGET: Duration = Duration::hours(24);
/// In which guesses are counted.
const WINDOW: Duration = Duration::hours(1);

pub(super) const FAILURES: &str = "login_failures";

const fn kind(guessed: Guessed) -> &'static str {
    match guessed {
        Guessed::SecondFactor => "second_factor_guesses",
        Guessed::Password => "password_checks",
    }
}

/// Notes a failed login for a subject.
pub(in super::super) async fn note_failure(
    conn: &mut AsyncPgConnection,
    failure: &CountedFailure,
    now: Timestamp,
) -> Result<(), DbError> {
    let note = sql_query(
        "INSERT INTO ouvira_catalog.operator_attempts AS a (kind, subject, count, resets_at, created_at, updated_at) \
         VALUES ($1, $2, 1, $4, $3, $3) \
         ON CONFLICT (kind, subject) DO UPDATE SET updated_at = $3, resets_at = $4, \
             count = CASE WHEN a.resets_at <= $3 THEN 1 ELSE a.count + 1 END, \
             blocked_until = CASE WHEN a.resets_at > $3 AND a.count + 1 >= $5 THEN \
                 $3 + make_interval(secs => least(power(2, least(a.count + 1 - $5, 20)), $6)) END",
    )
    .bind::<Text, _>(FAILURES)
    .bind::<Bytea, _>(failure.subject.to_vec())
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(now + FORGET)
    .bind::<Integer, _>(failure.free)
    .bind::<Integer, _>(failure.longest);
    cached(note).execute(conn).await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Integer)]
    count: i32,
    #[diesel(sql_type = Timestamptz)]
    resets_at: Timestamp,
}

/// Counts one guess more, in a new window where the former one has passed.
pub(in super::super) async fn count(
    conn: &mut AsyncPgConnection,
    operator: OperatorId,
    guessed: Guessed,
    now: Timestamp,
) -> Result<GuessCount, DbError> {
    let count = sql_query(
        "INSERT INTO ouvira_catalog.operator_attempts AS a (kind, subject, count, resets_at, created_at, updated_at) \
         VALUES ($1, $2, 1, $4, $3, $3) \
         ON CONFLICT (kind, subject) DO UPDATE SET updated_at = $3, \
             count = CASE WHEN a.resets_at <= $3 THEN 1 ELSE a.count + 1 END, \
             resets_at = CASE WHEN a.resets_at <= $3 THEN excluded.resets_at ELSE a.resets_at END \
         RETURNING count, resets_at",
    )
    .bind::<Text, _>(kind(guessed))
    .bind::<Bytea, _>(operator.0.as_bytes().to_vec())
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(now + WINDOW);
    let Counted { count, resets_at } = cached(count).get_result(conn).await?;
    Ok(GuessCount { count, resets_at })
}

/// Gives back what was counted last.
pub(in super::super) async fn give_back(
    conn: &mut AsyncPgConnection,
    operator: OperatorId,
    guessed: Guessed,
    now: Timestamp,
) -> Result<(), DbError> {
    let give_back = sql_query(
        "UPDATE ouvira_catalog.operator_attempts SET count = count - 1, updated_at = $3 \
         WHERE kind = $1 AND subject = $2 AND count > 0",
    )
    .bind::<Text, _>(kind(guessed))
    .bind::<Bytea, _>(operator.0.as_bytes().to_vec())
    .bind::<Timestamptz, _>(now);
    cached(give_back).execute(conn).await?;
    Ok(())
}
