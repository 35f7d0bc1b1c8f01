//! Statements of placements: rows of the catalog, and what no query builder can say.

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _, QueryableByName,
    dsl::exists,
    dsl::not,
    sql_query,
    sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use ouvira_common::{db::DbError, id::TenantId, tenant::PlacementMode, time::Timestamp};
use uuid::Uuid;

use super::{Place, Selection, rows};
use crate::{
    model::{database_name, parse_mode, schema_name},
    schema::ouvira_catalog::{placements, tenants},
};

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
    if !rows::database_exists(conn, name).await? {
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

/// Notes that the placement has all of `history`, in whatever state it is by now; answers 0 when that was noted already.
pub(super) async fn brought_to(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    history: &str,
    now: Timestamp,
) -> Result<usize, DbError> {
    let changed = diesel::update(placements::table.find(id).filter(placements::history.ne(history)))
        .set((
            placements::history.eq(history),
            placements::migrated_at.eq(now),
            placements::error.eq(None::<String>),
            placements::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(changed)
}

/// Notes why the placement could not be migrated.
pub(super) async fn failed(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    error: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    diesel::update(placements::table.find(id))
        .set((placements::error.eq(error), placements::updated_at.eq(now)))
        .execute(conn)
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct PlaceRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    tenant_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    mode: String,
    #[diesel(sql_type = Nullable<Text>)]
    database: Option<String>,
    #[diesel(sql_type = Text)]
    schema_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    error: Option<String>,
}

const COLUMNS: &str = "p.id, p.tenant_id, p.mode, p.database, p.schema_name, p.error";

fn places(rows: Vec<PlaceRow>) -> Vec<Place> {
    let place = |row: PlaceRow| {
        Some(Place {
            id: row.id,
            tenant: row.tenant_id.map(TenantId),
            mode: parse_mode(&row.mode)?,
            database: row.database,
            schema: row.schema_name,
            error: row.error,
        })
    };
    rows.into_iter().filter_map(place).collect()
}

/// Placements that are made, or where one tenant's tables are.
pub(super) async fn made(conn: &mut AsyncPgConnection, selection: Selection) -> Result<Vec<Place>, DbError> {
    let rows = match selection {
        Selection::All => {
            let query = format!(
                "SELECT {COLUMNS} FROM ouvira_catalog.placements p WHERE p.state <> 'making' \
                 ORDER BY p.database NULLS FIRST, p.schema_name"
            );
            sql_query(query).load(conn).await?
        }
        Selection::Of(tenant) => {
            let query = format!(
                "SELECT {COLUMNS} FROM ouvira_catalog.placements p \
                 JOIN ouvira_catalog.tenants t ON t.placement_id = p.id WHERE t.id = $1"
            );
            sql_query(query).bind::<SqlUuid, _>(tenant).load(conn).await?
        }
    };
    Ok(places(rows))
}

/// Made placements but the common one that do not have exactly `history`: two ranges of the index, since an inequality
/// would read all of it.
pub(super) async fn pending(conn: &mut AsyncPgConnection, history: &str) -> Result<Vec<Place>, DbError> {
    let range = |relation: &str| {
        format!(
            "SELECT {COLUMNS} FROM ouvira_catalog.placements p \
             WHERE p.history {relation} $1 AND p.state <> 'making' AND p.mode <> 'shared'"
        )
    };
    let query = format!("{} UNION ALL {}", range("<"), range(">"));
    Ok(places(sql_query(query).bind::<Text, _>(history).load(conn).await?))
}

/// Placements whose last migration failed, at most a hundred.
pub(super) async fn failures(conn: &mut AsyncPgConnection) -> Result<Vec<Place>, DbError> {
    let query = format!(
        "SELECT {COLUMNS} FROM ouvira_catalog.placements p WHERE p.error IS NOT NULL ORDER BY p.updated_at DESC LIMIT 100"
    );
    Ok(places(sql_query(query).load(conn).await?))
}

#[derive(QueryableByName)]
struct Counts {
    #[diesel(sql_type = BigInt)]
    current: i64,
    #[diesel(sql_type = BigInt)]
    pending: i64,
    #[diesel(sql_type = BigInt)]
    spare: i64,
}

/// How many placements have exactly `history`, how many have not, how many are spare.
pub(super) async fn counts(conn: &mut AsyncPgConnection, history: &str) -> Result<(i64, i64, i64), DbError> {
    let counts: Counts = sql_query(
        "SELECT count(*) FILTER (WHERE history = $1) AS current, count(*) FILTER (WHERE history <> $1) AS pending, \
                count(*) FILTER (WHERE state = 'spare') AS spare \
           FROM ouvira_catalog.placements",
    )
    .bind::<Text, _>(history)
    .get_result(conn)
    .await?;
    Ok((counts.current, counts.pending, counts.spare))
}

/// How many placements are spare and have exactly `history`.
pub(super) async fn spares(conn: &mut AsyncPgConnection, history: &str) -> Result<usize, DbError> {
    let count: i64 = placements::table
        .filter(placements::state.eq("spare").and(placements::history.eq(history)))
        .count()
        .get_result(conn)
        .await?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// Schemas that were begun for no tenant and never became spare.
pub(super) async fn abandoned(conn: &mut AsyncPgConnection) -> Result<Vec<Place>, DbError> {
    let rows: Vec<(Uuid, Option<Uuid>, String)> = placements::table
        .filter(placements::state.eq("making").and(placements::mode.eq("schema")))
        .filter(not(exists(tenants::table.filter(tenants::placement_id.eq(placements::id)))))
        .select((placements::id, placements::tenant_id, placements::schema_name))
        .load(conn)
        .await?;
    let place = |(id, tenant, schema): (Uuid, Option<Uuid>, String)| {
        let mode = PlacementMode::Schema;
        Place { id, tenant: tenant.map(TenantId), mode, database: None, schema, error: None }
    };
    Ok(rows.into_iter().map(place).collect())
}
