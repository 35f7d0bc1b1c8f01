//! The catalog's rows of tenants.

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, OptionalExtension as _,
    QueryDsl as _, Queryable, Selectable, SelectableHelper as _,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use ouvira_common::{
    db::DbError,
    id::TenantId,
    tenant::{Placement, PlacementMode},
    time::Timestamp,
};
use uuid::Uuid;

use crate::{
    model::{SHARED_PLACEMENT, TenantRecord, WrappedKey, parse_mode, parse_state, state_name},
    schema::ouvira_catalog::{placements, tenant_domains, tenants},
    slug::Slug,
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = tenants)]
struct TenantRow {
    id: TenantId,
    slug: String,
    name: String,
    state: String,
    epoch: i64,
    data_key: Option<Vec<u8>>,
    data_key_kid: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: Option<Timestamp>,
    purge_at: Option<Timestamp>,
    version: i64,
}

type Row = (TenantRow, String, Option<String>);

/// Those of the rows that are not purged, which have neither state nor key for us.
fn records(rows: Vec<Row>, domains: &[(Uuid, String)]) -> Vec<TenantRecord> {
    let record = |(row, mode, database): Row| {
        let mode: PlacementMode = parse_mode(&mode)?;
        Some(TenantRecord {
            domains: domains
                .iter()
                .filter(|(id, _)| *id == row.id.0)
                .map(|(_, domain)| domain.clone())
                .collect(),
            id: row.id,
            slug: Slug::stored(row.slug),
            name: row.name,
            state: parse_state(&row.state)?,
            placement: Placement { mode, database, epoch: row.epoch },
            created_at: row.created_at,
            updated_at: row.updated_at,
            deleted_at: row.deleted_at,
            purge_at: row.purge_at,
            version: row.version,
            data_key: WrappedKey { kid: row.data_key_kid?, bytes: row.data_key? },
        })
    };
    rows.into_iter().filter_map(record).collect()
}

macro_rules! living {
    () => {
        tenants::table
            .inner_join(placements::table.on(placements::id.eq(tenants::placement_id)))
            .filter(tenants::state.ne("purged"))
            .select((TenantRow::as_select(), placements::mode, placements::database))
    };
}

async fn with_domains(conn: &mut AsyncPgConnection, rows: Vec<Row>) -> Result<Vec<TenantRecord>, DbError> {
    let ids: Vec<Uuid> = rows.iter().map(|(row, _, _)| row.id.0).collect();
    let domains = tenant_domains::table
        .filter(tenant_domains::tenant_id.eq_any(ids))
        .order(tenant_domains::domain)
        .select((tenant_domains::tenant_id, tenant_domains::domain))
        .load(conn)
        .await?;
    Ok(records(rows, &domains))
}

pub(crate) async fn find(
    conn: &mut AsyncPgConnection,
    id: TenantId,
) -> Result<Option<TenantRecord>, DbError> {
    let row: Option<Row> = living!().filter(tenants::id.eq(id)).first(conn).await.optional()?;
    Ok(with_domains(conn, row.into_iter().collect()).await?.pop())
}

pub(super) async fn find_by_slug(
    conn: &mut AsyncPgConnection,
    slug: &Slug,
) -> Result<Option<TenantRecord>, DbError> {
    let row: Option<Row> = living!().filter(tenants::slug.eq(slug.as_str())).first(conn).await.optional()?;
    Ok(with_domains(conn, row.into_iter().collect()).await?.pop())
}

/// At most `limit` tenants by slug, those behind `after`.
pub(super) async fn list(
    conn: &mut AsyncPgConnection,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<TenantRecord>, DbError> {
    // Every slug is behind the empty text.
    let rows = living!()
        .filter(tenants::slug.gt(after.unwrap_or_default()))
        .order(tenants::slug)
        .limit(limit)
        .load(conn)
        .await?;
    with_domains(conn, rows).await
}

pub(super) async fn count(conn: &mut AsyncPgConnection) -> Result<i64, DbError> {
    Ok(tenants::table.filter(tenants::state.ne("purged")).count().get_result(conn).await?)
}

pub(super) async fn unfinished(conn: &mut AsyncPgConnection) -> Result<Vec<TenantRecord>, DbError> {
    let rows =
        living!().filter(tenants::state.eq("provisioning")).order(tenants::created_at).load(conn).await?;
    with_domains(conn, rows).await
}

/// Takes into use a placement that was made in advance and has all of `history`; `None` when there is none. Answers the
/// id of its tenant to come, under which it was made, and its own.
pub(super) async fn take_spare(
    conn: &mut AsyncPgConnection,
    history: &str,
    now: Timestamp,
) -> Result<Option<(TenantId, Uuid)>, DbError> {
    let row: Option<(Option<Uuid>, Uuid)> = placements::table
        .filter(placements::state.eq("spare").and(placements::history.eq(history)))
        .order(placements::created_at)
        .select((placements::tenant_id, placements::id))
        .for_update()
        .skip_locked()
        .first(conn)
        .await
        .optional()?;
    let Some((Some(tenant), id)) = row else { return Ok(None) };
    diesel::update(placements::table.find(id))
        .set((placements::state.eq("ready"), placements::updated_at.eq(now)))
        .execute(conn)
        .await?;
    Ok(Some((TenantId(tenant), id)))
}

pub(super) async fn insert(
    conn: &mut AsyncPgConnection,
    tenant: &TenantRecord,
    placement: Uuid,
    request: &[u8],
) -> Result<(), DbError> {
    diesel::insert_into(tenants::table)
        .values((
            tenants::id.eq(tenant.id),
            tenants::slug.eq(tenant.slug.as_str()),
            tenants::name.eq(&tenant.name),
            tenants::state.eq(state_name(tenant.state)),
            tenants::placement_id.eq(placement),
            tenants::epoch.eq(tenant.placement.epoch),
            tenants::data_key.eq(&tenant.data_key.bytes),
            tenants::data_key_kid.eq(&tenant.data_key.kid),
            tenants::request.eq(request),
            tenants::created_at.eq(tenant.created_at),
            tenants::updated_at.eq(tenant.updated_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The sealed request of a tenant that is being provisioned.
pub(super) async fn request(conn: &mut AsyncPgConnection, id: TenantId) -> Result<Option<Vec<u8>>, DbError> {
    let request: Option<Option<Vec<u8>>> = tenants::table
        .find(id)
        .filter(tenants::state.eq("provisioning"))
        .select(tenants::request)
        .first(conn)
        .await
        .optional()?;
    Ok(request.flatten())
}

/// The tenant's placement, and whether it is ready.
pub(super) async fn placement(
    conn: &mut AsyncPgConnection,
    id: TenantId,
) -> Result<Option<(Uuid, bool)>, DbError> {
    let row: Option<(Uuid, String)> = tenants::table
        .inner_join(placements::table.on(placements::id.eq(tenants::placement_id)))
        .filter(tenants::id.eq(id))
        .select((placements::id, placements::state))
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(|(id, state)| (id, state == "ready")))
}

/// Puts a provisioned tenant into service and forgets whom it was made for.
pub(super) async fn activate(
    conn: &mut AsyncPgConnection,
    id: TenantId,
    now: Timestamp,
) -> Result<(), DbError> {
    diesel::update(tenants::table.find(id).filter(tenants::state.eq("provisioning")))
        .set((tenants::state.eq("active"), tenants::request.eq(None::<Vec<u8>>), tenants::updated_at.eq(now)))
        .execute(conn)
        .await?;
    Ok(())
}

/// Changes state, name, times and version to what `tenant` has now, provided that its row is still at `version`.
pub(super) async fn update(
    conn: &mut AsyncPgConnection,
    tenant: &TenantRecord,
    version: i64,
) -> Result<bool, DbError> {
    let changed = diesel::update(tenants::table.find(tenant.id).filter(tenants::version.eq(version)))
        .set((
            tenants::state.eq(state_name(tenant.state)),
            tenants::name.eq(&tenant.name),
            tenants::deleted_at.eq(tenant.deleted_at),
            tenants::purge_at.eq(tenant.purge_at),
            tenants::updated_at.eq(tenant.updated_at),
            tenants::version.eq(tenant.version),
        ))
        .execute(conn)
        .await?;
    Ok(changed == 1)
}

/// Deleted tenants whose grace period is over at `now`, the oldest first.
pub(super) async fn due(conn: &mut AsyncPgConnection, now: Timestamp) -> Result<Vec<TenantId>, DbError> {
    let due = tenants::table
        .filter(tenants::state.eq("deleting").and(tenants::purge_at.le(now)))
        .order(tenants::purge_at)
        .select(tenants::id)
        .load(conn)
        .await?;
    Ok(due)
}

/// Leaves nothing of the tenant but its name, and what the log says of it.
pub(super) async fn strike_off(
    conn: &mut AsyncPgConnection,
    id: TenantId,
    now: Timestamp,
) -> Result<(), DbError> {
    diesel::delete(tenant_domains::table.filter(tenant_domains::tenant_id.eq(id))).execute(conn).await?;
    diesel::update(tenants::table.find(id))
        .set((
            tenants::state.eq("purged"),
            tenants::placement_id.eq(SHARED_PLACEMENT),
            tenants::data_key.eq(None::<Vec<u8>>),
            tenants::data_key_kid.eq(None::<String>),
            tenants::purge_at.eq(None::<Timestamp>),
            tenants::updated_at.eq(now),
            tenants::version.eq(tenants::version + 1),
        ))
        .execute(conn)
        .await?;
    diesel::delete(placements::table.filter(placements::tenant_id.eq(id.0))).execute(conn).await?;
    Ok(())
}

/// Gives the tenant exactly these domains.
pub(super) async fn put_domains(conn: &mut AsyncPgConnection, tenant: &TenantRecord) -> Result<(), DbError> {
    diesel::delete(tenant_domains::table.filter(tenant_domains::tenant_id.eq(tenant.id)))
        .execute(conn)
        .await?;
    let rows: Vec<_> = tenant
        .domains
        .iter()
        .map(|domain| {
            (
                tenant_domains::domain.eq(domain),
                tenant_domains::tenant_id.eq(tenant.id),
                tenant_domains::created_at.eq(tenant.updated_at),
            )
        })
        .collect();
    diesel::insert_into(tenant_domains::table).values(rows).execute(conn).await?;
    Ok(())
}
