//! A tenant's rows in tables that are common to many.

use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Bool, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use ouvira_common::{db::DbError, id::TenantId};

/// Rows that one transaction deletes at most: a fraction of a second.
const BATCH: i64 = 10_000;

#[derive(QueryableByName)]
struct Table {
    /// With its schema, quoted where need be.
    #[diesel(sql_type = Text)]
    name: String,
    /// Whether rows of some table point to rows of this one.
    #[diesel(sql_type = Bool)]
    pointed_to: bool,
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    answer: bool,
}

/// Whether there is a database of that name.
pub(super) async fn database_exists(conn: &mut AsyncPgConnection, name: &str) -> Result<bool, DbError> {
    let there: Answer = sql_query("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1) AS answer")
        .bind::<Text, _>(name)
        .get_result(conn)
        .await?;
    Ok(there.answer)
}

/// Deletes the tenant's rows of those tables of `schema` that nothing points to, a transaction for every [`BATCH`].
pub(super) async fn delete_in_batches(
    conn: &mut AsyncPgConnection,
    schema: &str,
    tenant: TenantId,
) -> Result<(), DbError> {
    for table in tables(conn, schema).await?.into_iter().filter(|table| !table.pointed_to) {
        let name = &table.name;
        let batch = format!(
            "DELETE FROM {name} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {name} WHERE tenant_id = $1 LIMIT $2))"
        );
        loop {
            let deleted = conn
                .transaction(async |conn| {
                    conn.batch_execute("SET LOCAL app.maintenance = on").await?;
                    let delete = sql_query(&batch).bind::<SqlUuid, _>(tenant).bind::<BigInt, _>(BATCH);
                    delete.execute(conn).await.map_err(DbError::from)
                })
                .await?;
            if deleted < usize::try_from(BATCH).unwrap_or(usize::MAX) {
                break;
            }
        }
    }
    Ok(())
}

/// Deletes all of the tenant's rows in `schema`, in one transaction.
pub(super) async fn delete(
    conn: &mut AsyncPgConnection,
    schema: &str,
    tenant: TenantId,
) -> Result<(), DbError> {
    conn.transaction(async |conn| delete_now(conn, schema, tenant).await).await
}

/// The same in the transaction that is open on `conn`.
pub(super) async fn delete_now(
    conn: &mut AsyncPgConnection,
    schema: &str,
    tenant: TenantId,
) -> Result<(), DbError> {
    // Whatever points to what: at the end nothing is left to point.
    conn.batch_execute("SET LOCAL app.maintenance = on; SET CONSTRAINTS ALL DEFERRED").await?;
    for table in tables(conn, schema).await? {
        let delete = sql_query(format!("DELETE FROM {} WHERE tenant_id = $1", table.name));
        delete.bind::<SqlUuid, _>(tenant).execute(conn).await?;
    }
    Ok(())
}

/// The tables of `schema` that have rows of tenants, partitions among them.
async fn tables(conn: &mut AsyncPgConnection, schema: &str) -> Result<Vec<Table>, DbError> {
    let tables = sql_query(
        "SELECT c.oid::regclass::text AS name, \
                EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.confrelid = c.oid) AS pointed_to \
           FROM pg_class c \
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped \
          WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r'",
    );
    Ok(tables.bind::<Text, _>(schema).load(conn).await?)
}
