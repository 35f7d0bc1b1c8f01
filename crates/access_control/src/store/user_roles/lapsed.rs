//! Roles whose time is over.

use diesel::{
    sql_query,
    sql_types::{BigInt, Timestamptz},
};
use diesel_async::RunQueryDsl;
use ouvira_common::db::{DbError, Tx, cached};

use super::view::ViewRow;
use crate::{decision::Catalogue, model::UserRole};

/// `$1` now, `$2` how many of each kind. Rows that somebody is working on are left for the next time.
const TAKE: &str = r"
WITH of_members AS (
    DELETE FROM membership_roles r
     USING memberships m
     WHERE m.id = r.membership_id
       AND r.id = ANY (ARRAY(SELECT l.id FROM membership_roles l WHERE l.expires_at <= $1
                              ORDER BY l.expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))
    RETURNING r.id, m.user_id, r.role_id, r.company_id, r.granted_by, r.expires_at, r.created_at
), of_tenant AS (
    DELETE FROM tenant_roles r
     WHERE r.id = ANY (ARRAY(SELECT l.id FROM tenant_roles l WHERE l.expires_at <= $1
                              ORDER BY l.expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))
    RETURNING r.id, r.user_id, r.role_id, NULL::uuid, r.granted_by, r.expires_at, r.created_at
)
SELECT held.*, c.code, c.name
  FROM (SELECT * FROM of_members UNION ALL SELECT * FROM of_tenant) held LEFT JOIN roles c ON c.id = held.role_id";

/// Removes roles that have ended, `limit` of members and as many tenant-wide, and answers them. Nobody held them any more.
pub(crate) async fn take_lapsed(
    tx: &mut Tx,
    catalogue: &Catalogue,
    limit: i64,
) -> Result<Vec<UserRole>, DbError> {
    let query = sql_query(TAKE).bind::<Timestamptz, _>(tx.now()).bind::<BigInt, _>(limit);
    let rows: Vec<ViewRow> = cached(query).load(tx).await?;
    Ok(rows.into_iter().map(|row| row.into_role(catalogue)).collect())
}
