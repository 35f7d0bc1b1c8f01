//! Who owns what for good: only an owner without an expiry date, whose membership is active, keeps a company or the
//! tenant from being without one.

use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, Nullable, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::{CompanyId, RoleId, UserId},
};

/// `$1` the user, `$2` the owner's role.
const PLACES: &str = r"
SELECT m.company_id, ARRAY(
           SELECT o.user_id
             FROM memberships o JOIN membership_roles h ON h.tenant_id = o.tenant_id AND h.membership_id = o.id
            WHERE o.company_id = m.company_id AND o.user_id <> $1 AND o.status = 'active'
              AND h.role_id = $2 AND h.expires_at IS NULL) AS others
  FROM memberships m
  JOIN membership_roles r ON r.tenant_id = m.tenant_id AND r.membership_id = m.id
  JOIN company_tree t ON t.tenant_id = m.tenant_id AND t.id = m.company_id
 WHERE m.user_id = $1 AND m.status = 'active' AND r.role_id = $2 AND r.expires_at IS NULL AND t.removed_at IS NULL
UNION ALL
SELECT NULL, ARRAY(
           SELECT o.user_id FROM tenant_roles o WHERE o.role_id = $2 AND o.expires_at IS NULL AND o.user_id <> $1)
  FROM tenant_roles r
 WHERE r.user_id = $1 AND r.role_id = $2 AND r.expires_at IS NULL";

/// Where somebody is an owner, and who else is.
#[derive(QueryableByName)]
pub(crate) struct Ownership {
    /// `None` for the tenant.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) company_id: Option<CompanyId>,
    /// The other owners there; some may be switched off.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub(crate) others: Vec<UserId>,
}

/// Everything that `user` owns for good. Read under the rights lock.
pub(crate) async fn of(tx: &mut Tx, user: UserId, owner: RoleId) -> Result<Vec<Ownership>, DbError> {
    let query = sql_query(PLACES).bind::<SqlUuid, _>(user).bind::<SqlUuid, _>(owner);
    Ok(cached(query).load(tx).await?)
}
