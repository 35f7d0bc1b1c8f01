//! Statements of placements: rows of the catalog, and what no query builder can say.

use diesel::{
    ExpressionMethods as _, QueryDsl as _, QueryableByName, sql_query,
    sql_types::{Bool, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use ouvira_common::{db::DbError, id::TenantId, tenant::PlacementMode, time::Timestamp};
use uuid::Uuid;

use crate::{
    model::{database_name, schema_name},
    schema::ouvira_catalog::placements,
};

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    answer: bool,
}

/// Nobody but our roles connects to the connection's database, and nobody has anything in its schema `public`.
pub(super) async fn close_database(conn: &mut AsyncPgConnection) -> Result<(), DbError> {
    conn.batch_execute(
        "DO $$ BEGIN \
           EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()); \
           EXECUTE format('GRANT CONNECT ON DATABASE %I TO ouvira_app, ouvira_worker, ouvira_control', current_database()); \
         END $$; \
         REVOKE ALL ON SCHEMA public FROM PUBLIC",
    )
    .await?;
    Ok(())
}

/// Makes a database of that name unless it is there; texts in it are compared by their bytes, as in the common one.
pub(super) async fn create_database(conn: &mut AsyncPgConnection, name: &str) -> Result<(), DbError> {
    let there: Answer = sql_query("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1) AS answer")
        .bind::<Text, _>(name)
        .get_result(conn)
        .await?;
    if !there.answer {
        conn.batch_execute(&format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C'"
        ))
        .await?;
    }
    Ok(())
}

/// A row for a placement that is about to be made for `tenant`.
pub(crate) async fn insert(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    tenant: TenantId,
    mode: PlacementMode,
    now: Timestamp,
) -> Result<(), DbError> {
    diesel::insert_into(placements::table)
        .values((
            placements::id.eq(id),
            placements::tenant_id.eq(tenant.0),
            placements::mode.eq(mode.as_str()),
            placements::database.eq(database_name(mode, tenant)),
            placements::schema_name.eq(schema_name(mode, tenant)),
            placements::state.eq("making"),
            placements::created_at.eq(now),
            placements::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that the placement has all of `history`, and is in `state`.
pub(crate) async fn migrated(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    state: &str,
    history: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    diesel::update(placements::table.find(id))
        .set((
            placements::state.eq(state),
            placements::history.eq(history),
            placements::migrated_at.eq(now),
            placements::error.eq(None::<String>),
            placements::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
