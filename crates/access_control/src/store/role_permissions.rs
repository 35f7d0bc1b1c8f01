//! What the tenant's own roles hold.

use diesel::{dsl::count_star, pg::Pg, prelude::*};
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::{CompanyId, RoleId, uuid_at},
    ports::Visible,
    time::Timestamp,
};

use crate::{
    decision::{Catalogue, PermissionRef},
    model::{PermissionId, RolePermission, RolePermissionId},
    schema::{role_permissions, roles},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = role_permissions)]
struct Row {
    id: RolePermissionId,
    role_id: RoleId,
    permission_id: PermissionId,
    created_at: Timestamp,
}

#[derive(Insertable)]
#[diesel(table_name = role_permissions, treat_none_as_default_value = false)]
struct NewRow {
    id: RolePermissionId,
    role_id: RoleId,
    permission_id: PermissionId,
    custom_permission_id: Option<PermissionId>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl NewRow {
    fn new(catalogue: &Catalogue, role: RoleId, permission: PermissionId, now: Timestamp) -> Self {
        Self {
            id: RolePermissionId(uuid_at(now)),
            role_id: role,
            permission_id: permission,
            custom_permission_id: custom(catalogue, permission),
            created_at: now,
            updated_at: now,
        }
    }
}

/// The id once more where it is a permission of the tenant's own.
pub(super) fn custom(catalogue: &Catalogue, permission: PermissionId) -> Option<PermissionId> {
    matches!(catalogue.reference_to(permission.0), PermissionRef::Custom(_)).then_some(permission)
}

impl From<Row> for RolePermission {
    fn from(row: Row) -> Self {
        Self { id: row.id, role: row.role_id, permission: row.permission_id, created_at: row.created_at }
    }
}

/// Puts a permission into a role.
pub(crate) async fn insert(
    tx: &mut Tx,
    catalogue: &Catalogue,
    role: RoleId,
    permission: PermissionId,
) -> Result<RolePermission, DbError> {
    let row = NewRow::new(catalogue, role, permission, tx.now());
    let added = RolePermission { id: row.id, role, permission, created_at: row.created_at };
    diesel::insert_into(role_permissions::table).values(row).execute(tx).await?;
    Ok(added)
}

/// Puts a permission into a role. Deferred.
pub(crate) fn defer_insert(tx: &mut Tx, catalogue: &Catalogue, role: RoleId, permission: PermissionId) {
    let row = NewRow::new(catalogue, role, permission, tx.now());
    tx.defer(diesel::insert_into(role_permissions::table).values(row));
}

/// Takes permissions out of a role. Deferred.
pub(crate) fn defer_delete(tx: &mut Tx, role: RoleId, permissions: Vec<PermissionId>) {
    let rows = role_permissions::role_id.eq(role).and(role_permissions::permission_id.eq_any(permissions));
    tx.defer(cached(diesel::delete(role_permissions::table.filter(rows))));
}

pub(crate) async fn find(tx: &mut Tx, id: RolePermissionId) -> Result<Option<RolePermission>, DbError> {
    let query = role_permissions::table.filter(role_permissions::id.eq(id)).select(Row::as_select());
    Ok(query.first(tx).await.optional()?.map(RolePermission::from))
}

fn chosen(role: Option<RoleId>, reach: &Visible) -> role_permissions::BoxedQuery<'_, Pg> {
    let mut query = role_permissions::table.into_boxed();
    if let Some(role) = role {
        query = query.filter(role_permissions::role_id.eq(role));
    }
    match reach {
        Visible::All => query,
        Visible::AllBut(barred) => {
            let barred: Vec<CompanyId> = barred.to_vec();
            let hidden = roles::table.filter(roles::company_id.eq_any(barred)).select(roles::id);
            query.filter(role_permissions::role_id.ne_all(hidden))
        }
        Visible::Ids(companies) => {
            let companies: Vec<CompanyId> = companies.to_vec();
            let readable = roles::table
                .filter(roles::company_id.is_null().or(roles::company_id.eq_any(companies)))
                .select(roles::id);
            query.filter(role_permissions::role_id.eq_any(readable))
        }
    }
}

pub(crate) async fn page(
    tx: &mut Tx,
    role: Option<RoleId>,
    reach: &Visible,
    after: Option<RolePermissionId>,
    limit: i64,
) -> Result<Vec<RolePermission>, DbError> {
    let mut query = chosen(role, reach);
    if let Some(after) = after {
        query = query.filter(role_permissions::id.gt(after));
    }
    let rows = query.select(Row::as_select()).order(role_permissions::id).limit(limit).load(tx).await?;
    Ok(rows.into_iter().map(RolePermission::from).collect())
}

pub(crate) async fn count(tx: &mut Tx, role: Option<RoleId>, reach: &Visible) -> Result<i64, DbError> {
    Ok(chosen(role, reach).select(count_star()).get_result(tx).await?)
}
