//! Partitions of the common tables, one a month and class.

use std::collections::BTreeSet;

use chrono::{Months, NaiveDate, NaiveTime, TimeDelta};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Bool},
};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use ouvira_common::{db::DbError, rls, time::Timestamp};

use super::names::{
    LOGS, SHARED, begin, class_table, month_of, month_table, months_from, months_in_rest, partitions,
};
use crate::model::Retention;

/// Months that are there before they begin.
const AHEAD: u32 = 3;
/// How long a change of the partitions waits for a lock: who writes waits behind it no longer than this.
const PATIENCE: &str = "SET LOCAL lock_timeout TO '200ms'; SET LOCAL app.maintenance TO 'on'";

/// Makes the partitions of this month and of the months ahead; answers how many. Rows of a month that had come into the
/// rest of their class are taken over. A lock that is not had soon is left for the next time.
pub async fn prepare_months(conn: &mut AsyncPgConnection, now: Timestamp) -> Result<usize, DbError> {
    let mut made = 0;
    for log in LOGS {
        for class in Retention::ALL {
            let there = partitions(conn, &class_table(log, class)).await?;
            let strayed = months_in_rest(conn, &class_table(log, class)).await?;
            let months: BTreeSet<NaiveDate> = months_from(now, AHEAD).chain(strayed).collect();
            for month in months {
                let name = month_table(log, class, month);
                if there.contains(&name) {
                    continue;
                }
                match make(conn, log, class, month, &name).await {
                    Ok(()) => made += 1,
                    Err(error) => tracing::warn!(%error, partition = name, "a partition was not made"),
                }
            }
        }
    }
    Ok(made)
}

async fn make(
    conn: &mut AsyncPgConnection,
    log: &str,
    class: Retention,
    month: NaiveDate,
    name: &str,
) -> Result<(), DbError> {
    let next = month.checked_add_months(Months::new(1)).unwrap_or(month);
    let (from, to, parent) = (begin(month), begin(next), class_table(log, class));
    // Only the owner sees it while it is filled; from when it is attached it is reached through the log alone.
    let walls = rls::statements(SHARED, name, None).join(";\n");
    let statements = format!(
        "{PATIENCE}; \
         CREATE TABLE {SHARED}.{name} (LIKE {SHARED}.{log} INCLUDING ALL); \
         WITH taken AS (DELETE FROM {SHARED}.{parent}_rest WHERE at >= '{from}' AND at < '{to}' RETURNING *) \
         INSERT INTO {SHARED}.{name} SELECT * FROM taken; \
         {walls}; \
         ALTER TABLE {SHARED}.{parent} ATTACH PARTITION {SHARED}.{name} FOR VALUES FROM ('{from}') TO ('{to}')"
    );
    conn.transaction(async |conn| Ok(conn.batch_execute(&statements).await?)).await
}

#[derive(QueryableByName)]
struct Unsealed {
    #[diesel(sql_type = Bool)]
    unsealed: bool,
}

/// Drops the partitions of months that are over by the time of their class, but none with rows of transactions from
/// `horizon` on, which may not be sealed; answers how many.
pub async fn drop_expired(
    conn: &mut AsyncPgConnection,
    horizon: i64,
    now: Timestamp,
) -> Result<usize, DbError> {
    let mut dropped = 0;
    for log in LOGS {
        for class in Retention::ALL {
            let parent = class_table(log, class);
            for name in partitions(conn, &parent).await? {
                let expired = month_of(&name, &parent).is_some_and(|month| is_over(month, class, now));
                if !expired || has_unsealed(conn, &name, horizon).await? {
                    continue;
                }
                let drop = format!("{PATIENCE}; DROP TABLE {SHARED}.{name}");
                let done: Result<(), DbError> =
                    conn.transaction(async |conn| Ok(conn.batch_execute(&drop).await?)).await;
                match done {
                    Ok(()) => dropped += 1,
                    Err(error) => tracing::warn!(%error, partition = name, "a partition was not dropped"),
                }
            }
        }
    }
    Ok(dropped)
}

/// Whether even the last row of the month has been kept for as long as it should be.
fn is_over(month: NaiveDate, class: Retention, now: Timestamp) -> bool {
    let end = month.checked_add_months(Months::new(1)).map(|end| end.and_time(NaiveTime::MIN).and_utc());
    end.is_some_and(|end| end + TimeDelta::days(class.days().into()) < now)
}

async fn has_unsealed(conn: &mut AsyncPgConnection, name: &str, horizon: i64) -> Result<bool, DbError> {
    conn.transaction(async |conn| {
        conn.batch_execute("SET LOCAL app.maintenance TO 'on'").await?;
        let query = format!("SELECT EXISTS (SELECT FROM {SHARED}.{name} WHERE txid >= $1) AS unsealed");
        let row: Unsealed = sql_query(query).bind::<BigInt, _>(horizon).get_result(conn).await?;
        Ok(row.unsealed)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_over_when_its_last_row_is() {
        let month = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let at = |day: u32| NaiveDate::from_ymd_opt(2026, 5, day).unwrap().and_time(NaiveTime::MIN).and_utc();
        // 1 February and 90 days are 2 May.
        assert!(!is_over(month, Retention::NinetyDays, at(2)));
        assert!(is_over(month, Retention::NinetyDays, at(3)));
        assert!(!is_over(month, Retention::OneYear, at(3)));
    }
}
