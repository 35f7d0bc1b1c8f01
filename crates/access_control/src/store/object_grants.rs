//! Permissions on single objects.

use diesel::{dsl::count_star, pg::Pg, prelude::*};
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx},
    id::{CompanyId, RoleId, UserId},
    ports::Visible,
    time::Timestamp,
};
use uuid::Uuid;

use super::corrupt;
use crate::{
    decision::{COMPANY, Catalogue},
    model::{GrantHolder, ObjectGrant, ObjectGrantId, PermissionId},
    schema::{object_grants, permissions},
};

/// The indexes that keep a grant from being given twice.
pub(crate) const ONCE: [&str; 2] = ["object_grants_once_a_user", "object_grants_once_a_role"];

#[derive(Insertable)]
#[diesel(table_name = object_grants, treat_none_as_default_value = false)]
struct NewRow<'a> {
    id: ObjectGrantId,
    user_id: Option<UserId>,
    role_id: Option<RoleId>,
    custom_role_id: Option<RoleId>,
    permission_id: PermissionId,
    custom_permission_id: Option<PermissionId>,
    object_type: &'a str,
    object_id: Uuid,
    granted_by: Option<Uuid>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = object_grants)]
struct Row {
    id: ObjectGrantId,
    user_id: Option<UserId>,
    role_id: Option<RoleId>,
    permission_id: PermissionId,
    object_type: String,
    object_id: Uuid,
    granted_by: Option<Uuid>,
    created_at: Timestamp,
}

impl Row {
    fn into_grant(self, catalogue: &Catalogue, custom: Option<String>) -> Result<ObjectGrant, DbError> {
        let holder = self.user_id.map(GrantHolder::User).or(self.role_id.map(GrantHolder::Role));
        let system = || catalogue.by_id(self.permission_id.0).map(|system| system.declared.code.to_owned());
        Ok(ObjectGrant {
            id: self.id,
            holder: holder.ok_or_else(|| corrupt("holder"))?,
            permission: self.permission_id,
            permission_code: custom.or_else(system).unwrap_or_default(),
            object_type: self.object_type,
            object_id: self.object_id,
            granted_by: self.granted_by,
            created_at: self.created_at,
        })
    }
}

/// Which grants a list shows.
pub(crate) struct Chosen<'a> {
    pub(crate) holder: Option<GrantHolder>,
    /// Companies on which the caller may see grants; those on other objects are seen with all.
    pub(crate) reach: &'a Visible,
}

impl Chosen<'_> {
    fn query(&self) -> object_grants::BoxedQuery<'_, Pg> {
        let mut query = object_grants::table.into_boxed();
        query = match self.holder {
            None => query,
            Some(GrantHolder::User(user)) => query.filter(object_grants::user_id.eq(user)),
            Some(GrantHolder::Role(role)) => query.filter(object_grants::role_id.eq(role)),
        };
        let ids = |companies: &[CompanyId]| companies.iter().map(|company| company.0).collect::<Vec<Uuid>>();
        match self.reach {
            Visible::All => query,
            Visible::AllBut(barred) => query.filter(
                object_grants::object_type.ne(COMPANY).or(object_grants::object_id.ne_all(ids(barred))),
            ),
            Visible::Ids(companies) => query.filter(
                object_grants::object_type.eq(COMPANY).and(object_grants::object_id.eq_any(ids(companies))),
            ),
        }
    }
}

/// Permissions on objects other than companies that `user` has, by themselves or by one of `roles`, and that `with` was not
/// given on the same object.
pub(crate) async fn not_shared(
    tx: &mut Tx,
    user: UserId,
    roles: &[RoleId],
    with: Option<UserId>,
) -> Result<Vec<Uuid>, DbError> {
    let theirs = object_grants::user_id.eq(user).or(object_grants::role_id.eq_any(roles.to_vec()));
    let query = object_grants::table.filter(theirs).filter(object_grants::object_type.ne(COMPANY)).select((
        object_grants::permission_id,
        object_grants::object_type,
        object_grants::object_id,
    ));
    let theirs: Vec<(Uuid, String, Uuid)> = query.load(tx).await?;
    let Some(with) = with.filter(|_| !theirs.is_empty()) else {
        return Ok(theirs.into_iter().map(|(permission, _, _)| permission).collect());
    };
    let objects: Vec<Uuid> = theirs.iter().map(|(_, _, object)| *object).collect();
    let query = object_grants::table
        .filter(object_grants::user_id.eq(with).and(object_grants::object_id.eq_any(objects)))
        .select((object_grants::permission_id, object_grants::object_type, object_grants::object_id));
    let shared: Vec<(Uuid, String, Uuid)> = query.load(tx).await?;
    Ok(theirs
        .into_iter()
        .filter(|grant| !shared.contains(grant))
        .map(|(permission, _, _)| permission)
        .collect())
}

pub(crate) async fn insert(tx: &mut Tx, catalogue: &Catalogue, grant: &ObjectGrant) -> Result<(), DbError> {
    let (user, role) = match grant.holder {
        GrantHolder::User(user) => (Some(user), None),
        GrantHolder::Role(role) => (None, Some(role)),
    };
    let row = NewRow {
        id: grant.id,
        user_id: user,
        role_id: role,
        custom_role_id: role.and_then(|role| super::user_roles::custom(catalogue, role)),
        permission_id: grant.permission,
        custom_permission_id: super::role_permissions::custom(catalogue, grant.permission),
        object_type: &grant.object_type,
        object_id: grant.object_id,
        granted_by: grant.granted_by,
        created_at: grant.created_at,
        updated_at: grant.created_at,
    };
    diesel::insert_into(object_grants::table).values(row).execute(tx).await?;
    Ok(())
}

pub(crate) async fn find(
    tx: &mut Tx,
    catalogue: &Catalogue,
    id: ObjectGrantId,
) -> Result<Option<ObjectGrant>, DbError> {
    let query = object_grants::table
        .left_join(permissions::table.on(object_grants::custom_permission_id.eq(permissions::id.nullable())))
        .filter(object_grants::id.eq(id))
        .select((Row::as_select(), permissions::code.nullable()));
    let found: Option<(Row, Option<String>)> = query.first(tx).await.optional()?;
    found.map(|(row, custom)| row.into_grant(catalogue, custom)).transpose()
}

pub(crate) async fn page(
    tx: &mut Tx,
    catalogue: &Catalogue,
    chosen: &Chosen<'_>,
    after: Option<ObjectGrantId>,
    limit: i64,
) -> Result<Vec<ObjectGrant>, DbError> {
    let mut query = chosen.query();
    if let Some(after) = after {
        query = query.filter(object_grants::id.gt(after));
    }
    let rows: Vec<Row> =
        query.select(Row::as_select()).order(object_grants::id).limit(limit).load(tx).await?;
    let custom: Vec<PermissionId> = rows.iter().map(|row| row.permission_id).collect();
    let codes: Vec<(PermissionId, String)> = permissions::table
        .filter(permissions::id.eq_any(&custom))
        .select((permissions::id, permissions::code))
        .load(tx)
        .await?;
    let code =
        |row: &Row| codes.iter().find(|(id, _)| *id == row.permission_id).map(|(_, code)| code.clone());
    rows.into_iter().map(|row| (code(&row), row)).map(|(code, row)| row.into_grant(catalogue, code)).collect()
}

pub(crate) async fn count(tx: &mut Tx, chosen: &Chosen<'_>) -> Result<i64, DbError> {
    Ok(chosen.query().select(count_star()).get_result(tx).await?)
}

/// Takes it back. Deferred.
pub(crate) fn defer_delete(tx: &mut Tx, id: ObjectGrantId) {
    tx.defer(diesel::delete(object_grants::table.filter(object_grants::id.eq(id))));
}

/// Takes all of them from `user`. Deferred.
pub(crate) fn defer_delete_all(tx: &mut Tx, user: UserId) {
    tx.defer(diesel::delete(object_grants::table.filter(object_grants::user_id.eq(user))));
}
