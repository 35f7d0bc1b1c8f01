//! Rows of plain tables, and those that came into no month, deleted a few at a time.

use chrono::TimeDelta;
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Nullable, SmallInt, Uuid as SqlUuid},
};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use ouvira_common::{db::DbError, time::Timestamp};
use uuid::Uuid;

use super::names::LOGS;
use crate::{model::Retention, store::first_id_of};

/// Rows that are deleted in one transaction: a few milliseconds, and no lock that anybody who writes waits for.
const BATCH: i64 = 1000;

#[derive(QueryableByName)]
struct Batch {
    #[diesel(sql_type = BigInt)]
    looked_at: i64,
    #[diesel(sql_type = BigInt)]
    deleted: i64,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    last: Option<Uuid>,
}

/// Deletes the rows of the logs of `schema`, which is one tenant's own, whose time is over and that are sealed; answers how many. Goes by key, so that
/// no batch looks at what an earlier one looked at.
pub async fn delete_expired(
    conn: &mut AsyncPgConnection,
    schema: &str,
    now: Timestamp,
) -> Result<u64, DbError> {
    let mut deleted = 0;
    for log in LOGS {
        for class in Retention::ALL {
            let before = first_id_of(now - TimeDelta::days(class.days().into()));
            let mut after = Uuid::nil();
            loop {
                let batch = delete(conn, schema, log, class, after, before).await?;
                deleted += u64::try_from(batch.deleted).unwrap_or(0);
                match batch.last {
                    Some(last) if batch.looked_at == BATCH => after = last,
                    _ => break,
                }
            }
        }
    }
    Ok(deleted)
}

async fn delete(
    conn: &mut AsyncPgConnection,
    schema: &str,
    log: &str,
    class: Retention,
    after: Uuid,
    before: Uuid,
) -> Result<Batch, DbError> {
    let statement = format!(
        "WITH old AS ( \
             SELECT tenant_id, id, at, retention_days FROM {schema}.{log} \
              WHERE tenant_id = (SELECT tenant_id FROM {schema}.{log} LIMIT 1) \
                AND id > $1 AND id < $2 AND retention_days = $3 ORDER BY id LIMIT $4), \
         gone AS ( \
             DELETE FROM {schema}.{log} r USING old \
              WHERE r.tenant_id = old.tenant_id AND r.id = old.id AND r.at = old.at \
                AND r.retention_days = old.retention_days \
                AND EXISTS (SELECT FROM {schema}.audit_leaves l WHERE l.tenant_id = old.tenant_id AND l.row_id = old.id) \
             RETURNING 1) \
         SELECT (SELECT count(*) FROM old) AS looked_at, (SELECT count(*) FROM gone) AS deleted, \
                (SELECT id FROM old ORDER BY id DESC LIMIT 1) AS last"
    );
    conn.transaction(async |conn| {
        conn.batch_execute("SET LOCAL app.maintenance TO 'on'").await?;
        let batch = sql_query(&statement)
            .bind::<SqlUuid, _>(after)
            .bind::<SqlUuid, _>(before)
            .bind::<SmallInt, _>(class.days())
            .bind::<BigInt, _>(BATCH);
        Ok(batch.get_result(conn).await?)
    })
    .await
}
