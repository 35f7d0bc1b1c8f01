//! What the logs and their partitions are called, and where they are.

use chrono::{Datelike as _, Months, NaiveDate};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Bool, Date, Text},
};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use ouvira_common::{db::DbError, time::Timestamp};

use crate::model::Retention;

/// The schema of the common tables.
pub(super) const SHARED: &str = "ouvira_shared";
/// The two logs.
pub(super) const LOGS: [&str; 2] = ["activity_log", "security_log"];

/// The partition of one class: `activity_log_365`.
pub(super) fn class_table(log: &str, class: Retention) -> String {
    format!("{log}_{}", class.days())
}

/// The partition of one class and month: `activity_log_365_202611`.
pub(super) fn month_table(log: &str, class: Retention, month: NaiveDate) -> String {
    format!("{}_{:04}{:02}", class_table(log, class), month.year(), month.month())
}

/// The month that the name of a partition of `class_table` ends with; `None` for the rest.
pub(super) fn month_of(name: &str, class_table: &str) -> Option<NaiveDate> {
    let digits = name.strip_prefix(class_table)?.strip_prefix('_').filter(|digits| digits.len() == 6)?;
    let (year, month) = digits.split_at_checked(4)?;
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1)
}

/// The first day of the month of `at` in UTC, and of as many months after it as `ahead`.
pub(super) fn months_from(at: Timestamp, ahead: u32) -> impl Iterator<Item = NaiveDate> {
    let first = at.date_naive().with_day(1).unwrap_or_default();
    (0..=ahead).filter_map(move |month| first.checked_add_months(Months::new(month)))
}

/// When a month begins, as Postgres reads it.
pub(super) fn begin(month: NaiveDate) -> String {
    format!("{month} 00:00:00+00")
}

#[derive(QueryableByName)]
struct Partitioned {
    #[diesel(sql_type = Bool)]
    partitioned: bool,
}

/// Whether the logs of this database are partitioned: those of the common one are.
pub(super) async fn is_partitioned(conn: &mut AsyncPgConnection) -> Result<bool, DbError> {
    let query = "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                  WHERE n.nspname = 'ouvira_shared' AND c.relname = 'activity_log' AND c.relkind = 'p') AS partitioned";
    let row: Partitioned = sql_query(query).get_result(conn).await?;
    Ok(row.partitioned)
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Schemas of this database with plain logs.
pub(super) async fn plain_schemas(conn: &mut AsyncPgConnection) -> Result<Vec<String>, DbError> {
    let query = "SELECT n.nspname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                  WHERE n.nspname ~ '^(ouvira_shared|t_[0-9a-f]{32})$' AND c.relname = 'activity_log' AND c.relkind = 'r' \
                  ORDER BY n.nspname";
    let rows: Vec<Named> = sql_query(query).load(conn).await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// The partitions below `table`.
pub(super) async fn partitions(conn: &mut AsyncPgConnection, table: &str) -> Result<Vec<String>, DbError> {
    let query = "SELECT c.relname::text AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid \
                  WHERE i.inhparent = $1::regclass ORDER BY c.relname";
    let rows: Vec<Named> = sql_query(query).bind::<Text, _>(format!("{SHARED}.{table}")).load(conn).await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

#[derive(QueryableByName)]
struct Month {
    #[diesel(sql_type = Date)]
    month: NaiveDate,
}

/// The months of rows that came into the rest of a class.
pub(super) async fn months_in_rest(
    conn: &mut AsyncPgConnection,
    class_table: &str,
) -> Result<Vec<NaiveDate>, DbError> {
    conn.transaction(async |conn| {
        conn.batch_execute("SET LOCAL app.maintenance TO 'on'").await?;
        let query = format!(
            "SELECT DISTINCT date_trunc('month', at AT TIME ZONE 'UTC')::date AS month FROM {SHARED}.{class_table}_rest"
        );
        let rows: Vec<Month> = sql_query(query).load(conn).await?;
        Ok(rows.into_iter().map(|row| row.month).collect())
    })
    .await
}

#[derive(QueryableByName)]
struct Horizon {
    #[diesel(sql_type = BigInt)]
    txid: i64,
}

/// The transaction below which everything in the common database is sealed.
pub(super) async fn horizon(conn: &mut AsyncPgConnection) -> Result<i64, DbError> {
    let query = "SELECT coalesce((SELECT txid FROM ouvira_seal.horizons WHERE database = ''), 0) AS txid";
    let row: Horizon = sql_query(query).get_result(conn).await?;
    Ok(row.txid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn a_partition_is_named_by_class_and_month_and_known_again() {
        let month = NaiveDate::from_ymd_opt(2027, 1, 1).unwrap();
        let name = month_table("activity_log", Retention::OneYear, month);
        assert_eq!(name, "activity_log_365_202701");
        assert_eq!(month_of(&name, "activity_log_365"), Some(month));
        assert_eq!(month_of("activity_log_365_rest", "activity_log_365"), None);
        assert_eq!(month_of("activity_log_365_202713", "activity_log_365"), None);
    }

    #[test]
    fn months_go_over_the_end_of_the_year() {
        let at = DateTime::from_timestamp(1_764_547_199, 0).unwrap();
        let months: Vec<String> = months_from(at, 2).map(begin).collect();
        assert_eq!(months, ["2025-11-01 00:00:00+00", "2025-12-01 00:00:00+00", "2026-01-01 00:00:00+00"]);
    }
}
