//! What the answers to explained questions follow from.

use std::collections::{HashMap, HashSet};

use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::{CompanyId, RoleId, UserId},
};
use uuid::Uuid;

use crate::{
    decision::{Catalogue, CompanyNode, HeldRole, ObjectFact, ObjectName},
    model::GrantHolder,
};

/// Those of `companies` that are there, and all above them.
pub(crate) async fn path(
    tx: &mut Tx,
    companies: &[CompanyId],
) -> Result<HashMap<CompanyId, CompanyNode>, DbError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: CompanyId,
        #[diesel(sql_type = Nullable<SqlUuid>)]
        parent_id: Option<CompanyId>,
        #[diesel(sql_type = Bool)]
        removed: bool,
    }
    if companies.is_empty() {
        return Ok(HashMap::new());
    }
    let query = sql_query(
        "WITH RECURSIVE up AS ( \
             SELECT t.id, t.parent_id, t.removed_at FROM company_tree t WHERE t.id = ANY ($1) \
             UNION SELECT t.id, t.parent_id, t.removed_at FROM up JOIN company_tree t ON t.id = up.parent_id) \
         SELECT up.id, up.parent_id, up.removed_at IS NOT NULL AS removed FROM up",
    );
    let rows: Vec<Row> = cached(query.bind::<Array<SqlUuid>, _>(companies)).load(tx).await?;
    let node = |row: Row| (row.id, CompanyNode { id: row.id, parent: row.parent_id, removed: row.removed });
    Ok(rows.into_iter().map(node).collect())
}

/// The roles that `users` hold now, tenant-wide and in `companies`.
pub(crate) type Held = HashMap<UserId, Vec<HeldRole>>;

/// What `users` hold now tenant-wide and in `companies`, and where among these they are suspended.
pub(crate) async fn held(
    tx: &mut Tx,
    users: &[UserId],
    companies: &[CompanyId],
) -> Result<(Held, HashSet<(UserId, CompanyId)>), DbError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        holder: UserId,
        #[diesel(sql_type = Nullable<SqlUuid>)]
        company: Option<CompanyId>,
        #[diesel(sql_type = Nullable<SqlUuid>)]
        role: Option<RoleId>,
    }
    let query = sql_query(
        "SELECT m.user_id AS holder, m.company_id AS company, r.role_id AS role \
           FROM memberships m JOIN membership_roles r ON r.tenant_id = m.tenant_id AND r.membership_id = m.id \
          WHERE m.user_id = ANY ($1) AND m.company_id = ANY ($2) AND m.status = 'active' \
            AND (r.expires_at IS NULL OR r.expires_at > $3) \
         UNION ALL \
         SELECT r.user_id, NULL, r.role_id FROM tenant_roles r \
          WHERE r.user_id = ANY ($1) AND (r.expires_at IS NULL OR r.expires_at > $3) \
         UNION ALL \
         SELECT m.user_id, m.company_id, NULL FROM memberships m \
          WHERE m.user_id = ANY ($1) AND m.company_id = ANY ($2) AND m.status = 'suspended'",
    );
    let query = query
        .bind::<Array<SqlUuid>, _>(users)
        .bind::<Array<SqlUuid>, _>(companies)
        .bind::<Timestamptz, _>(tx.now());
    let rows: Vec<Row> = cached(query).load(tx).await?;
    let (mut held, mut suspended) = (Held::new(), HashSet::new());
    for Row { holder, company, role } in rows {
        match (role, company) {
            (Some(role), company) => held.entry(holder).or_default().push(HeldRole { company, role }),
            (None, Some(company)) => {
                suspended.insert((holder, company));
            }
            (None, None) => {}
        }
    }
    Ok((held, suspended))
}

/// Grants on `objects` to `users` and to roles.
pub(crate) async fn grants(
    tx: &mut Tx,
    catalogue: &Catalogue,
    objects: &[ObjectName],
    users: &[UserId],
) -> Result<Vec<ObjectFact>, DbError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<SqlUuid>)]
        user_id: Option<UserId>,
        #[diesel(sql_type = Nullable<SqlUuid>)]
        role_id: Option<RoleId>,
        #[diesel(sql_type = SqlUuid)]
        permission_id: Uuid,
        #[diesel(sql_type = Text)]
        object_type: String,
        #[diesel(sql_type = SqlUuid)]
        object_id: Uuid,
    }
    if objects.is_empty() {
        return Ok(Vec::new());
    }
    let query = sql_query(
        "SELECT g.user_id, g.role_id, g.permission_id, g.object_type, g.object_id \
           FROM unnest($1, $2) AS asked (object_type, object_id) \
           JOIN object_grants g ON g.object_type = asked.object_type AND g.object_id = asked.object_id \
          WHERE g.role_id IS NOT NULL OR g.user_id = ANY ($3)",
    );
    let (kinds, ids): (Vec<&str>, Vec<Uuid>) =
        objects.iter().map(|object| (object.kind.as_str(), object.id)).unzip();
    let query =
        query.bind::<Array<Text>, _>(kinds).bind::<Array<SqlUuid>, _>(ids).bind::<Array<SqlUuid>, _>(users);
    let rows: Vec<Row> = cached(query).load(tx).await?;
    let fact = |row: Row| {
        let holder = row.user_id.map(GrantHolder::User).or(row.role_id.map(GrantHolder::Role))?;
        let object = ObjectName { kind: row.object_type, id: row.object_id };
        Some(ObjectFact { holder, permission: catalogue.reference_to(row.permission_id), object })
    };
    Ok(rows.into_iter().filter_map(fact).collect())
}
