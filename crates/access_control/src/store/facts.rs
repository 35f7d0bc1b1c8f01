//! One query finds everything that a user's rights follow from.

use std::collections::HashMap;

use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, Bool, Jsonb, Nullable, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::{CompanyId, RoleId, UserId},
    permission::SystemRole,
    time::Timestamp,
};
use serde::Deserialize;
use uuid::Uuid;

use crate::decision::{Catalogue, CompanyNode, Facts, HeldRole, ObjectRight, RoleFacts};

/// `$1` the user, `$2` now, `$3` ids of the system roles that inherit. Subtrees are walked only below companies where an
/// inheriting role is held, each by the index of children: Postgres, which cannot know how wide a level is, would read all of
/// the tree for each.
const OF_USER: &str = r"
WITH RECURSIVE held AS (
    SELECT m.company_id, r.role_id, r.custom_role_id, r.expires_at
      FROM memberships m JOIN membership_roles r ON r.tenant_id = m.tenant_id AND r.membership_id = m.id
     WHERE m.user_id = $1 AND m.status = 'active' AND (r.expires_at IS NULL OR r.expires_at > $2)
    UNION ALL
    SELECT NULL, r.role_id, r.custom_role_id, r.expires_at
      FROM tenant_roles r
     WHERE r.user_id = $1 AND (r.expires_at IS NULL OR r.expires_at > $2)
), custom AS (
    SELECT r.id, r.inherits
      FROM roles r
     WHERE r.id = ANY (ARRAY(SELECT h.custom_role_id FROM held h WHERE h.custom_role_id IS NOT NULL))
), granted AS (
    SELECT g.object_id AS company_id, g.role_id, g.permission_id
      FROM object_grants g
     WHERE g.object_type = 'company' AND g.user_id = $1
    UNION ALL
    SELECT g.object_id, g.role_id, g.permission_id
      FROM object_grants g
     WHERE g.object_type = 'company' AND g.role_id = ANY (ARRAY(SELECT h.role_id FROM held h))
), reach AS (
    SELECT t.id, t.parent_id, t.removed_at,
           EXISTS (SELECT FROM held h LEFT JOIN custom c ON c.id = h.custom_role_id
                    WHERE h.company_id = t.id AND (c.inherits OR h.role_id = ANY ($3))) AS flows
      FROM company_tree t
     WHERE t.id = ANY (ARRAY(SELECT h.company_id FROM held h WHERE h.company_id IS NOT NULL
                             UNION SELECT g.company_id FROM granted g))
    UNION
    SELECT t.id, t.parent_id, t.removed_at, true
      FROM reach above,
           LATERAL (SELECT t.id, t.parent_id, t.removed_at FROM company_tree t WHERE t.parent_id = above.id OFFSET 0) t
     WHERE above.flows
)
SELECT (SELECT min(h.expires_at) FROM held h) AS until,
       coalesce((SELECT jsonb_agg(jsonb_build_object('company', h.company_id, 'role', h.role_id)) FROM held h), '[]')
           AS held,
       coalesce((SELECT jsonb_agg(jsonb_build_object('id', c.id, 'inherits', c.inherits, 'permissions',
                    ARRAY(SELECT p.permission_id FROM role_permissions p WHERE p.role_id = c.id))) FROM custom c), '[]')
           AS roles,
       coalesce((SELECT jsonb_agg(jsonb_build_object('company', g.company_id, 'role', g.role_id,
                    'permission', g.permission_id)) FROM granted g), '[]') AS objects,
       t.ids, t.parents, t.removed,
       ARRAY(SELECT g.id FROM company_tree g
              WHERE g.second_factor AND (g.id IN (SELECT r.id FROM reach r)
                                         OR EXISTS (SELECT FROM held h WHERE h.company_id IS NULL))
              ORDER BY g.id) AS guarded
  FROM (SELECT array_agg(r.id) AS ids, array_agg(r.parent_id) AS parents,
               array_agg(r.removed_at IS NOT NULL) AS removed FROM reach r) t";

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    until: Option<Timestamp>,
    #[diesel(sql_type = Jsonb)]
    held: serde_json::Value,
    #[diesel(sql_type = Jsonb)]
    roles: serde_json::Value,
    #[diesel(sql_type = Jsonb)]
    objects: serde_json::Value,
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    ids: Option<Vec<CompanyId>>,
    #[diesel(sql_type = Nullable<Array<Nullable<SqlUuid>>>)]
    parents: Option<Vec<Option<CompanyId>>>,
    #[diesel(sql_type = Nullable<Array<Bool>>)]
    removed: Option<Vec<bool>>,
    #[diesel(sql_type = Array<SqlUuid>)]
    guarded: Vec<CompanyId>,
}

#[derive(Deserialize)]
struct Held {
    company: Option<CompanyId>,
    role: RoleId,
}

#[derive(Deserialize)]
struct CustomRole {
    id: RoleId,
    inherits: bool,
    permissions: Vec<Uuid>,
}

#[derive(Deserialize)]
struct Granted {
    company: CompanyId,
    role: Option<RoleId>,
    permission: Uuid,
}

/// What the rights of `user` follow from at the transaction's instant.
pub(crate) async fn of_user(tx: &mut Tx, catalogue: &Catalogue, user: UserId) -> Result<Facts, DbError> {
    let inheriting: Vec<RoleId> = SystemRole::ALL
        .into_iter()
        .filter(|role| Catalogue::inherits(*role))
        .map(|role| catalogue.role_id(role))
        .collect();
    let query = sql_query(OF_USER)
        .bind::<SqlUuid, _>(user)
        .bind::<Timestamptz, _>(tx.now())
        .bind::<Array<SqlUuid>, _>(inheriting);
    let found: Found = cached(query).get_result(tx).await?;
    found
        .read(catalogue)
        .map_err(|error| DbError::Query(diesel::result::Error::DeserializationError(error.into())))
}

impl Found {
    fn read(self, catalogue: &Catalogue) -> Result<Facts, serde_json::Error> {
        let held: Vec<Held> = serde_json::from_value(self.held)?;
        let custom: Vec<CustomRole> = serde_json::from_value(self.roles)?;
        let objects: Vec<Granted> = serde_json::from_value(self.objects)?;
        let held: Vec<HeldRole> =
            held.iter().map(|held| HeldRole { company: held.company, role: held.role }).collect();
        let system = held.iter().filter_map(|held| Some((held.role, catalogue.system_role(held.role)?)));
        let mut roles: HashMap<RoleId, RoleFacts> =
            system.map(|(id, role)| (id, catalogue.facts(role))).collect();
        roles.extend(custom.into_iter().map(|role| {
            let permissions = role.permissions.into_iter().map(|id| catalogue.reference_to(id)).collect();
            (role.id, RoleFacts { permissions, inherits: role.inherits })
        }));
        let objects = objects.into_iter().map(|granted| ObjectRight {
            company: granted.company,
            permission: catalogue.reference_to(granted.permission),
            role: granted.role,
        });
        let tree = self.ids.into_iter().flatten().zip(self.parents.into_iter().flatten());
        let companies = tree
            .zip(self.removed.into_iter().flatten())
            .map(|((id, parent), removed)| CompanyNode { id, parent, removed })
            .collect();
        Ok(Facts {
            held,
            roles,
            companies,
            objects: objects.collect(),
            guarded: self.guarded,
            until: self.until,
        })
    }
}
