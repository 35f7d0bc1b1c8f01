//! Roles that users hold, by membership and tenant-wide: two tables, one view. Ended ones are as if they were not there.

use std::collections::HashMap;

use diesel::{
    QueryableByName,
    pg::Pg,
    prelude::*,
    query_builder::BoxedSqlQuery,
    sql_query,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::{CompanyId, RoleId, UserId},
    ports::Visible,
    time::Timestamp,
};
use uuid::Uuid;

use crate::{
    decision::Catalogue,
    model::{MembershipId, MembershipRole, RoleName, UserRole, UserRoleId},
    schema::{membership_roles, tenant_roles},
};

/// The keys that keep a role from being deleted while somebody holds it.
pub(crate) const HELD: [&str; 2] = ["membership_roles_role", "tenant_roles_role"];

#[derive(Insertable)]
#[diesel(table_name = membership_roles, treat_none_as_default_value = false)]
struct NewMembershipRole {
    id: UserRoleId,
    membership_id: MembershipId,
    role_id: RoleId,
    custom_role_id: Option<RoleId>,
    granted_by: Option<Uuid>,
    expires_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Insertable)]
#[diesel(table_name = tenant_roles, treat_none_as_default_value = false)]
struct NewTenantRole {
    id: UserRoleId,
    user_id: UserId,
    role_id: RoleId,
    custom_role_id: Option<RoleId>,
    granted_by: Option<Uuid>,
    expires_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = membership_roles)]
struct MembershipRoleRow {
    id: UserRoleId,
    membership_id: MembershipId,
    role_id: RoleId,
    granted_by: Option<Uuid>,
    expires_at: Option<Timestamp>,
    created_at: Timestamp,
}

impl From<MembershipRoleRow> for MembershipRole {
    fn from(row: MembershipRoleRow) -> Self {
        Self {
            id: row.id,
            membership: row.membership_id,
            role: row.role_id,
            granted_by: row.granted_by,
            expires_at: row.expires_at,
            created_at: row.created_at,
        }
    }
}

/// The id once more where it is a role of the tenant's own.
pub(super) fn custom(catalogue: &Catalogue, role: RoleId) -> Option<RoleId> {
    catalogue.system_role(role).is_none().then_some(role)
}

fn membership_role(catalogue: &Catalogue, given: &MembershipRole) -> NewMembershipRole {
    NewMembershipRole {
        id: given.id,
        membership_id: given.membership,
        role_id: given.role,
        custom_role_id: custom(catalogue, given.role),
        granted_by: given.granted_by,
        expires_at: given.expires_at,
        created_at: given.created_at,
        updated_at: given.created_at,
    }
}

fn tenant_role(catalogue: &Catalogue, given: &UserRole) -> NewTenantRole {
    NewTenantRole {
        id: given.id,
        user_id: given.user,
        role_id: given.role.id,
        custom_role_id: custom(catalogue, given.role.id),
        granted_by: given.granted_by,
        expires_at: given.expires_at,
        created_at: given.created_at,
        updated_at: given.created_at,
    }
}

/// Gives a role to a member; `false` when they hold it already. One that has ended gives way.
pub(crate) async fn give(
    tx: &mut Tx,
    catalogue: &Catalogue,
    given: &MembershipRole,
) -> Result<bool, DbError> {
    use diesel::upsert::excluded;
    use membership_roles as t;
    let statement = diesel::insert_into(t::table)
        .values(membership_role(catalogue, given))
        .on_conflict((t::tenant_id, t::membership_id, t::role_id))
        .do_update()
        .set((
            t::id.eq(excluded(t::id)),
            t::granted_by.eq(excluded(t::granted_by)),
            t::expires_at.eq(excluded(t::expires_at)),
            t::created_at.eq(excluded(t::created_at)),
            t::updated_at.eq(excluded(t::updated_at)),
        ));
    let statement =
        diesel::query_dsl::methods::FilterDsl::filter(statement, t::expires_at.le(given.created_at));
    Ok(cached(statement).execute(tx).await? == 1)
}

/// Gives a role to a new member. Deferred.
pub(crate) fn defer_give(tx: &mut Tx, catalogue: &Catalogue, given: &MembershipRole) {
    tx.defer(diesel::insert_into(membership_roles::table).values(membership_role(catalogue, given)));
}

/// Gives a role tenant-wide; `false` when it is held already. One that has ended gives way.
pub(crate) async fn give_tenant_wide(
    tx: &mut Tx,
    catalogue: &Catalogue,
    given: &UserRole,
) -> Result<bool, DbError> {
    use diesel::upsert::excluded;
    use tenant_roles as t;
    let row = tenant_role(catalogue, given);
    let statement = diesel::insert_into(t::table)
        .values(row)
        .on_conflict((t::tenant_id, t::user_id, t::role_id))
        .do_update()
        .set((
            t::id.eq(excluded(t::id)),
            t::granted_by.eq(excluded(t::granted_by)),
            t::expires_at.eq(excluded(t::expires_at)),
            t::created_at.eq(excluded(t::created_at)),
            t::updated_at.eq(excluded(t::updated_at)),
        ));
    let statement =
        diesel::query_dsl::methods::FilterDsl::filter(statement, t::expires_at.le(given.created_at));
    Ok(cached(statement).execute(tx).await? == 1)
}

/// Gives a role tenant-wide to somebody who holds nothing yet. Deferred.
pub(crate) fn defer_give_tenant_wide(tx: &mut Tx, catalogue: &Catalogue, given: &UserRole) {
    tx.defer(diesel::insert_into(tenant_roles::table).values(tenant_role(catalogue, given)));
}

/// Takes a role away. Deferred.
pub(crate) fn defer_take(tx: &mut Tx, held: &UserRole) {
    match held.company {
        Some(_) => tx.defer(diesel::delete(membership_roles::table.filter(membership_roles::id.eq(held.id)))),
        None => tx.defer(diesel::delete(tenant_roles::table.filter(tenant_roles::id.eq(held.id)))),
    }
}

/// Takes all tenant-wide roles from `user`. Deferred.
pub(crate) fn defer_take_tenant_wide(tx: &mut Tx, user: UserId) {
    tx.defer(diesel::delete(tenant_roles::table.filter(tenant_roles::user_id.eq(user))));
}

/// Removes what of `role` has ended, so that only what is held keeps the role from being deleted.
pub(crate) async fn forget_ended(tx: &mut Tx, role: RoleId) -> Result<(), DbError> {
    let now = tx.now();
    let ended = membership_roles::role_id.eq(role).and(membership_roles::expires_at.le(now));
    diesel::delete(membership_roles::table.filter(ended)).execute(tx).await?;
    let ended = tenant_roles::role_id.eq(role).and(tenant_roles::expires_at.le(now));
    diesel::delete(tenant_roles::table.filter(ended)).execute(tx).await?;
    Ok(())
}

/// The role of a member under that id.
pub(crate) async fn find_of_member(tx: &mut Tx, id: UserRoleId) -> Result<Option<MembershipRole>, DbError> {
    let lasting = membership_roles::expires_at.is_null().or(membership_roles::expires_at.gt(tx.now()));
    let query = membership_roles::table.filter(membership_roles::id.eq(id).and(lasting));
    let row = query.select(MembershipRoleRow::as_select()).first(tx).await.optional()?;
    Ok(row.map(MembershipRole::from))
}

/// Which roles of members a list shows.
pub(crate) struct OfMembers<'a> {
    pub(crate) membership: Option<MembershipId>,
    pub(crate) reach: &'a Visible,
    pub(crate) now: Timestamp,
}

impl OfMembers<'_> {
    fn query(&self) -> membership_roles::BoxedQuery<'_, Pg> {
        use crate::schema::memberships;
        let lasting = membership_roles::expires_at.is_null().or(membership_roles::expires_at.gt(self.now));
        let mut query = membership_roles::table.filter(lasting).into_boxed();
        if let Some(membership) = self.membership {
            query = query.filter(membership_roles::membership_id.eq(membership));
        }
        let members = |companies: &[CompanyId]| {
            memberships::table
                .filter(memberships::company_id.eq_any(companies.to_vec()))
                .select(memberships::id)
        };
        match self.reach {
            Visible::All => query,
            Visible::AllBut(barred) => query.filter(membership_roles::membership_id.ne_all(members(barred))),
            Visible::Ids(companies) => {
                query.filter(membership_roles::membership_id.eq_any(members(companies)))
            }
        }
    }
}

pub(crate) async fn page_of_members(
    tx: &mut Tx,
    chosen: &OfMembers<'_>,
    after: Option<UserRoleId>,
    limit: i64,
) -> Result<Vec<MembershipRole>, DbError> {
    let mut query = chosen.query();
    if let Some(after) = after {
        query = query.filter(membership_roles::id.gt(after));
    }
    let query = query.select(MembershipRoleRow::as_select()).order(membership_roles::id).limit(limit);
    Ok(query.load(tx).await?.into_iter().map(MembershipRole::from).collect())
}

pub(crate) async fn count_of_members(tx: &mut Tx, chosen: &OfMembers<'_>) -> Result<i64, DbError> {
    Ok(chosen.query().select(diesel::dsl::count_star()).get_result(tx).await?)
}

/// Both tables as one; a condition follows that begins with `AND`.
const VIEW: &str = r"
  FROM (SELECT r.id, m.user_id, r.role_id, m.company_id, r.granted_by, r.expires_at, r.created_at
          FROM membership_roles r JOIN memberships m ON m.tenant_id = r.tenant_id AND m.id = r.membership_id
        UNION ALL
        SELECT r.id, r.user_id, r.role_id, NULL, r.granted_by, r.expires_at, r.created_at FROM tenant_roles r) held
  LEFT JOIN roles c ON c.id = held.role_id
 WHERE (held.expires_at IS NULL OR held.expires_at > $1)";

#[derive(QueryableByName)]
struct ViewRow {
    #[diesel(sql_type = SqlUuid)]
    id: UserRoleId,
    #[diesel(sql_type = SqlUuid)]
    user_id: UserId,
    #[diesel(sql_type = SqlUuid)]
    role_id: RoleId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    company_id: Option<CompanyId>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    granted_by: Option<Uuid>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    expires_at: Option<Timestamp>,
    #[diesel(sql_type = Timestamptz)]
    created_at: Timestamp,
    #[diesel(sql_type = Nullable<Text>)]
    code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
}

impl ViewRow {
    fn into_role(self, catalogue: &Catalogue) -> UserRole {
        let role = match catalogue.system_role(self.role_id) {
            Some(system) => RoleName::system(catalogue, system),
            None => RoleName {
                id: self.role_id,
                code: self.code.unwrap_or_default(),
                name: self.name.unwrap_or_default(),
            },
        };
        UserRole {
            id: self.id,
            user: self.user_id,
            role,
            company: self.company_id,
            granted_by: self.granted_by,
            expires_at: self.expires_at,
            created_at: self.created_at,
        }
    }
}

/// Which roles the one view shows.
#[derive(Default)]
pub(crate) struct Chosen {
    pub(crate) id: Option<UserRoleId>,
    pub(crate) user: Option<UserId>,
    pub(crate) company: Option<CompanyId>,
    /// Companies whose members' roles the caller may see; `None` for all.
    pub(crate) companies: Option<Vec<CompanyId>>,
    /// Companies whose members' roles the caller may not see.
    pub(crate) barred: Option<Vec<CompanyId>>,
    pub(crate) after: Option<UserRoleId>,
}

type Built<'a> = BoxedSqlQuery<'a, Pg, diesel::query_builder::SqlQuery>;

impl Chosen {
    /// `select` over the view with the conditions that were chosen; each choice is a statement of its own, so that each
    /// finds its index.
    fn query(&self, select: &str, now: Timestamp, limit: Option<i64>) -> Built<'static> {
        let mut sql = format!("{select}{VIEW}");
        let mut parameter = 1;
        let mut condition = |given: bool, text: &str| {
            if given {
                parameter += 1;
                sql.push_str(&text.replace('?', &format!("${parameter}")));
            }
        };
        condition(self.id.is_some(), " AND held.id = ?");
        condition(self.user.is_some(), " AND held.user_id = ?");
        condition(self.company.is_some(), " AND held.company_id = ?");
        condition(self.companies.is_some(), " AND held.company_id = ANY (?)");
        condition(self.barred.is_some(), " AND (held.company_id IS NULL OR held.company_id <> ALL (?))");
        condition(self.after.is_some(), " AND held.id > ?");
        condition(limit.is_some(), " ORDER BY held.id LIMIT ?");
        let mut query = sql_query(sql).into_boxed::<Pg>().bind::<Timestamptz, _>(now);
        if let Some(id) = self.id {
            query = query.bind::<SqlUuid, _>(id);
        }
        if let Some(user) = self.user {
            query = query.bind::<SqlUuid, _>(user);
        }
        if let Some(company) = self.company {
            query = query.bind::<SqlUuid, _>(company);
        }
        if let Some(companies) = &self.companies {
            query = query.bind::<Array<SqlUuid>, _>(companies.clone());
        }
        if let Some(barred) = &self.barred {
            query = query.bind::<Array<SqlUuid>, _>(barred.clone());
        }
        if let Some(after) = self.after {
            query = query.bind::<SqlUuid, _>(after);
        }
        if let Some(limit) = limit {
            query = query.bind::<BigInt, _>(limit);
        }
        query
    }
}

/// Roles of the view, by id.
pub(crate) async fn page(
    tx: &mut Tx,
    catalogue: &Catalogue,
    chosen: &Chosen,
    limit: i64,
) -> Result<Vec<UserRole>, DbError> {
    let select = "SELECT held.id, held.user_id, held.role_id, held.company_id, held.granted_by, held.expires_at, \
                  held.created_at, c.code, c.name";
    let rows: Vec<ViewRow> = cached(chosen.query(select, tx.now(), Some(limit))).load(tx).await?;
    Ok(rows.into_iter().map(|row| row.into_role(catalogue)).collect())
}

pub(crate) async fn count(tx: &mut Tx, chosen: &Chosen) -> Result<i64, DbError> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let counted: Count =
        cached(chosen.query("SELECT count(*) AS count", tx.now(), None)).get_result(tx).await?;
    Ok(counted.count)
}

/// The role held under that id.
pub(crate) async fn find(
    tx: &mut Tx,
    catalogue: &Catalogue,
    id: UserRoleId,
) -> Result<Option<UserRole>, DbError> {
    let chosen = Chosen { id: Some(id), ..Chosen::default() };
    Ok(page(tx, catalogue, &chosen, 1).await?.pop())
}

/// Everything that `user` holds.
pub(crate) async fn all_of(
    tx: &mut Tx,
    catalogue: &Catalogue,
    user: UserId,
) -> Result<Vec<UserRole>, DbError> {
    let chosen = Chosen { user: Some(user), ..Chosen::default() };
    page(tx, catalogue, &chosen, i64::MAX).await
}

/// Names of the roles that each of `users` holds, in order and each once.
pub(crate) async fn names(
    tx: &mut Tx,
    catalogue: &Catalogue,
    users: &[UserId],
) -> Result<HashMap<UserId, Vec<String>>, DbError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        user_id: UserId,
        #[diesel(sql_type = SqlUuid)]
        role_id: RoleId,
        #[diesel(sql_type = Nullable<Text>)]
        name: Option<String>,
    }
    let sql = format!("SELECT DISTINCT held.user_id, held.role_id, c.name{VIEW} AND held.user_id = ANY ($2)");
    let query = sql_query(sql).bind::<Timestamptz, _>(tx.now()).bind::<Array<SqlUuid>, _>(users);
    let rows: Vec<Row> = cached(query).load(tx).await?;
    let mut names: HashMap<UserId, Vec<String>> = HashMap::new();
    for row in rows {
        let system = catalogue.system_role(row.role_id).map(|role| RoleName::system(catalogue, role).name);
        names.entry(row.user_id).or_default().extend(system.or(row.name));
    }
    for held in names.values_mut() {
        held.sort_unstable();
        held.dedup();
    }
    Ok(names)
}
