//! The tenant's own roles.

use std::collections::HashMap;

use diesel::{
    dsl::count_star,
    pg::Pg,
    prelude::*,
    sql_query,
    sql_types::{Array, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::{CompanyId, RoleId},
    ports::Visible,
    text::fold,
    time::Timestamp,
};
use uuid::Uuid;

use crate::{
    decision::{Catalogue, PermissionSet, RoleFacts},
    grants::KnownRole,
    model::{Role, RoleName},
    schema::{role_permissions, roles},
};

/// The constraints that keep codes apart.
pub(crate) const CODES: [&str; 2] = ["roles_code_of_tenant", "roles_code_of_company"];

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = roles, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: RoleId,
    company_id: Option<CompanyId>,
    code: String,
    name: String,
    name_folded: String,
    description: Option<String>,
    inherits: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    version: i64,
}

impl From<&Role> for Row {
    fn from(role: &Role) -> Self {
        Self {
            id: role.id,
            company_id: role.company,
            code: role.code.clone(),
            name: role.name.clone(),
            name_folded: fold(&role.name),
            description: role.description.clone(),
            inherits: role.inherits,
            created_at: role.created_at,
            updated_at: role.updated_at,
            version: role.version,
        }
    }
}

impl Row {
    fn into_role(self, permissions: Vec<String>) -> Role {
        Role {
            id: self.id,
            company: self.company_id,
            code: self.code,
            name: self.name,
            description: self.description,
            is_system: false,
            inherits: self.inherits,
            permissions,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
        }
    }
}

/// Which roles a list shows.
pub(crate) struct Chosen<'a> {
    /// Those of one company only.
    pub(crate) company: Option<CompanyId>,
    /// Companies whose roles the caller may read; those of the tenant always are.
    pub(crate) reach: &'a Visible,
}

impl Chosen<'_> {
    fn query(&self) -> roles::BoxedQuery<'_, Pg> {
        let mut query = roles::table.into_boxed();
        if let Some(company) = self.company {
            query = query.filter(roles::company_id.eq(company));
        }
        match self.reach {
            Visible::All => query,
            Visible::AllBut(barred) => {
                query.filter(roles::company_id.is_null().or(roles::company_id.ne_all(barred.to_vec())))
            }
            Visible::Ids(companies) => {
                query.filter(roles::company_id.is_null().or(roles::company_id.eq_any(companies.to_vec())))
            }
        }
    }
}

/// How many roles the tenant has of its own, counted to `limit`.
pub(crate) async fn count_all(tx: &mut Tx, limit: i64) -> Result<i64, DbError> {
    super::count_to(tx, roles::table.select(roles::id), limit).await
}

pub(crate) async fn insert(tx: &mut Tx, role: &Role) -> Result<(), DbError> {
    diesel::insert_into(roles::table).values(Row::from(role)).execute(tx).await?;
    Ok(())
}

pub(crate) async fn update(tx: &mut Tx, role: &Role) -> Result<(), DbError> {
    cached(diesel::update(roles::table.filter(roles::id.eq(role.id))).set(Row::from(role)))
        .execute(tx)
        .await?;
    Ok(())
}

/// Deletes it with what it holds; fails while somebody holds it.
pub(crate) async fn delete(tx: &mut Tx, id: RoleId) -> Result<(), DbError> {
    diesel::delete(roles::table.filter(roles::id.eq(id))).execute(tx).await?;
    Ok(())
}

pub(crate) async fn find(tx: &mut Tx, catalogue: &Catalogue, id: RoleId) -> Result<Option<Role>, DbError> {
    Ok(find_all(tx, catalogue, &[id]).await?.pop())
}

/// Those of `ids` that are there, with what they hold.
pub(crate) async fn find_all(
    tx: &mut Tx,
    catalogue: &Catalogue,
    ids: &[RoleId],
) -> Result<Vec<Role>, DbError> {
    let rows = roles::table.filter(roles::id.eq_any(ids)).select(Row::as_select()).load(tx).await?;
    with_permissions(tx, catalogue, rows).await
}

/// Ids and codes of the tenant's own roles, and those of `company`, whose code or folded name is `word`.
pub(crate) async fn called(
    tx: &mut Tx,
    word: &str,
    company: Option<CompanyId>,
) -> Result<Vec<(RoleId, String)>, DbError> {
    let mut query = roles::table
        .filter(roles::code.eq(word).or(roles::name_folded.eq(word)))
        .select((roles::id, roles::code))
        .into_boxed();
    query = match company {
        Some(company) => query.filter(roles::company_id.is_null().or(roles::company_id.eq(company))),
        None => query.filter(roles::company_id.is_null()),
    };
    Ok(query.load(tx).await?)
}

pub(crate) async fn page(
    tx: &mut Tx,
    catalogue: &Catalogue,
    chosen: &Chosen<'_>,
    after: Option<RoleId>,
    limit: i64,
) -> Result<Vec<Role>, DbError> {
    let mut query = chosen.query();
    if let Some(after) = after {
        query = query.filter(roles::id.gt(after));
    }
    let rows = query.select(Row::as_select()).order(roles::id).limit(limit).load(tx).await?;
    with_permissions(tx, catalogue, rows).await
}

pub(crate) async fn count(tx: &mut Tx, chosen: &Chosen<'_>) -> Result<i64, DbError> {
    Ok(chosen.query().select(count_star()).get_result(tx).await?)
}

/// What roles hold, with the codes of the tenant's own: each permission is looked up once, however many roles hold it. `$1`
/// the roles.
const HELD: &str = r"
WITH held AS MATERIALIZED (
    SELECT r.role_id, r.permission_id, r.custom_permission_id FROM role_permissions r WHERE r.role_id = ANY ($1)
), own AS MATERIALIZED (
    SELECT p.id, p.code
      FROM permissions p
     WHERE p.id = ANY (ARRAY(SELECT h.custom_permission_id FROM held h WHERE h.custom_permission_id IS NOT NULL))
)
SELECT h.role_id, h.permission_id, o.code FROM held h LEFT JOIN own o ON o.id = h.custom_permission_id";

#[derive(QueryableByName)]
struct Held {
    #[diesel(sql_type = SqlUuid)]
    role_id: RoleId,
    #[diesel(sql_type = SqlUuid)]
    permission_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    code: Option<String>,
}

async fn with_permissions(tx: &mut Tx, catalogue: &Catalogue, rows: Vec<Row>) -> Result<Vec<Role>, DbError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<RoleId> = rows.iter().map(|row| row.id).collect();
    let held: Vec<Held> = cached(sql_query(HELD).bind::<Array<SqlUuid>, _>(ids)).load(tx).await?;
    let mut codes: HashMap<RoleId, Vec<String>> = HashMap::new();
    for Held { role_id, permission_id, code } in held {
        let system = || catalogue.by_id(permission_id).map(|system| system.declared.code.to_owned());
        codes.entry(role_id).or_default().extend(code.or_else(system));
    }
    let role = |row: Row| {
        let mut permissions = codes.remove(&row.id).unwrap_or_default();
        permissions.sort_unstable();
        row.into_role(permissions)
    };
    Ok(rows.into_iter().map(role).collect())
}

/// Those of `ids` that are there, with what they give.
pub(crate) async fn known(
    tx: &mut Tx,
    catalogue: &Catalogue,
    ids: &[RoleId],
) -> Result<Vec<KnownRole>, DbError> {
    type Found = (RoleId, Option<CompanyId>, String, String, bool, Option<Uuid>);
    let rows: Vec<Found> = roles::table
        .left_join(role_permissions::table.on(role_permissions::role_id.eq(roles::id)))
        .filter(roles::id.eq_any(ids))
        .select((
            roles::id,
            roles::company_id,
            roles::code,
            roles::name,
            roles::inherits,
            role_permissions::permission_id.nullable(),
        ))
        .load(tx)
        .await?;
    let mut held: HashMap<RoleId, Vec<Uuid>> = HashMap::new();
    let mut known: HashMap<RoleId, KnownRole> = HashMap::new();
    for (id, company, code, name, inherits, permission) in rows {
        held.entry(id).or_default().extend(permission);
        let facts = RoleFacts { permissions: PermissionSet::default(), inherits };
        known.entry(id).or_insert_with(|| KnownRole { name: RoleName { id, code, name }, company, facts });
    }
    for (id, role) in &mut known {
        let permissions = held.remove(id).unwrap_or_default();
        role.facts.permissions = permissions.into_iter().map(|id| catalogue.reference_to(id)).collect();
    }
    Ok(known.into_values().collect())
}
