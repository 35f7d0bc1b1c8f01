//! The tenant's own permissions.

use diesel::{dsl::count_star, prelude::*};
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx, cached},
    time::Timestamp,
};

use crate::{
    model::{Permission, PermissionId},
    schema::permissions,
};

/// The constraint that keeps codes apart.
pub(crate) const CODE: &str = "permissions_code";

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = permissions, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: PermissionId,
    code: String,
    name: String,
    description: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
    version: i64,
}

impl From<&Permission> for Row {
    fn from(permission: &Permission) -> Self {
        Self {
            id: permission.id,
            code: permission.code.clone(),
            name: permission.name.clone(),
            description: permission.description.clone(),
            created_at: permission.created_at,
            updated_at: permission.updated_at,
            version: permission.version,
        }
    }
}

impl From<Row> for Permission {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            code: row.code,
            name: row.name,
            description: row.description,
            is_system: false,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

pub(crate) async fn insert(tx: &mut Tx, permission: &Permission) -> Result<(), DbError> {
    diesel::insert_into(permissions::table).values(Row::from(permission)).execute(tx).await?;
    Ok(())
}

pub(crate) async fn find(tx: &mut Tx, id: PermissionId) -> Result<Option<Permission>, DbError> {
    let query = permissions::table.filter(permissions::id.eq(id)).select(Row::as_select());
    Ok(query.first(tx).await.optional()?.map(Permission::from))
}

/// The permission, locked until the transaction ends.
pub(crate) async fn lock(tx: &mut Tx, id: PermissionId) -> Result<Option<Permission>, DbError> {
    let query = permissions::table.filter(permissions::id.eq(id)).select(Row::as_select()).for_update();
    Ok(query.first(tx).await.optional()?.map(Permission::from))
}

pub(crate) async fn update(tx: &mut Tx, permission: &Permission) -> Result<(), DbError> {
    let row = permissions::table.filter(permissions::id.eq(permission.id));
    cached(diesel::update(row).set(Row::from(permission))).execute(tx).await?;
    Ok(())
}

/// Deletes it, out of every role and grant too. Deferred.
pub(crate) fn defer_delete(tx: &mut Tx, id: PermissionId) {
    tx.defer(diesel::delete(permissions::table.filter(permissions::id.eq(id))));
}

pub(crate) async fn page(
    tx: &mut Tx,
    after: Option<PermissionId>,
    limit: i64,
) -> Result<Vec<Permission>, DbError> {
    let mut query =
        permissions::table.select(Row::as_select()).order(permissions::id).limit(limit).into_boxed();
    if let Some(after) = after {
        query = query.filter(permissions::id.gt(after));
    }
    Ok(query.load(tx).await?.into_iter().map(Permission::from).collect())
}

/// How many permissions the tenant has of its own, counted to `limit`.
pub(crate) async fn count_to(tx: &mut Tx, limit: i64) -> Result<i64, DbError> {
    super::count_to(tx, permissions::table.select(permissions::id), limit).await
}

pub(crate) async fn count(tx: &mut Tx) -> Result<i64, DbError> {
    Ok(permissions::table.select(count_star()).get_result(tx).await?)
}

/// Ids of those of `codes` that the tenant has added.
pub(crate) async fn by_codes(tx: &mut Tx, codes: &[&str]) -> Result<Vec<(String, PermissionId)>, DbError> {
    let query = permissions::table
        .filter(permissions::code.eq_any(codes))
        .select((permissions::code, permissions::id));
    Ok(query.load(tx).await?)
}

/// Ids and codes of all that the tenant has added, by id.
pub(crate) async fn all(tx: &mut Tx) -> Result<Vec<(PermissionId, String)>, DbError> {
    let query = permissions::table.select((permissions::id, permissions::code)).order(permissions::id);
    Ok(query.load(tx).await?)
}
