//! Both kinds of roles in one view: everything that somebody holds.

use std::collections::HashMap;

use diesel::{
    QueryableByName,
    pg::Pg,
    query_builder::BoxedSqlQuery,
    sql_query,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::{CompanyId, RoleId, UserId},
    time::Timestamp,
};
use uuid::Uuid;

use crate::{
    decision::Catalogue,
    model::{RoleName, UserRole, UserRoleId},
};

/// Both tables as one, each cut down by itself before they are put together: what follows its conditions in `of_members`
/// and `of_tenant`, which begin with `AND`. Without `of_tenant` the second is left out. `$1` is now.
fn held(of_members: &str, of_tenant: Option<&str>) -> String {
    let members = format!(
        "(SELECT r.id, m.user_id, r.role_id, r.company_id, r.granted_by, r.expires_at, r.created_at \
            FROM membership_roles r JOIN memberships m ON m.tenant_id = r.tenant_id AND m.id = r.membership_id \
           WHERE (r.expires_at IS NULL OR r.expires_at > $1){of_members})"
    );
    let both = match of_tenant {
        None => members,
        Some(of_tenant) => format!(
            "{members} UNION ALL \
             (SELECT r.id, r.user_id, r.role_id, NULL::uuid, r.granted_by, r.expires_at, r.created_at \
                FROM tenant_roles r WHERE (r.expires_at IS NULL OR r.expires_at > $1){of_tenant})"
        ),
    };
    // Each looked up by its key: of a page whose length is a parameter Postgres would expect too much, and read all roles.
    format!(
        " FROM ({both}) held \
          LEFT JOIN LATERAL (SELECT c.code, c.name FROM roles c WHERE c.id = held.role_id OFFSET 0) c ON true"
    )
}

#[derive(QueryableByName)]
pub(super) struct ViewRow {
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
    pub(super) fn into_role(self, catalogue: &Catalogue) -> UserRole {
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
    /// `select` over both tables with the conditions that were chosen; each choice is a statement of its own, so that each
    /// finds its index. Each table gives a page at most, of which the first are taken.
    fn query(&self, select: &str, now: Timestamp, limit: Option<i64>) -> Built<'static> {
        let (mut of_members, mut of_tenant, mut end) = (String::new(), String::new(), String::new());
        let mut parameter = 1;
        let mut condition = |given: bool, member: &str, tenant: &str| {
            if given {
                parameter += 1;
                let place = format!("${parameter}");
                of_members.push_str(&member.replace('?', &place));
                of_tenant.push_str(&tenant.replace('?', &place));
            }
        };
        condition(self.id.is_some(), " AND r.id = ?", " AND r.id = ?");
        condition(self.user.is_some(), " AND m.user_id = ?", " AND r.user_id = ?");
        condition(self.company.is_some(), " AND r.company_id = ?", "");
        condition(self.companies.is_some(), " AND r.company_id = ANY (?)", "");
        condition(self.barred.is_some(), " AND r.company_id <> ALL (?)", "");
        condition(self.after.is_some(), " AND r.id > ?", " AND r.id > ?");
        condition(limit.is_some(), " ORDER BY r.id LIMIT ?", " ORDER BY r.id LIMIT ?");
        if limit.is_some() {
            end = format!(" ORDER BY held.id LIMIT ${parameter}");
        }
        let in_companies = self.company.is_some() || self.companies.is_some();
        let view = held(&of_members, (!in_companies).then_some(of_tenant.as_str()));
        let sql = format!("{select}{view}{end}");
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
    let view = held(" AND m.user_id = ANY ($2)", Some(" AND r.user_id = ANY ($2)"));
    let sql = format!("SELECT DISTINCT held.user_id, held.role_id, c.name{view}");
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
