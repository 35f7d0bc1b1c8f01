//! The catalog's rows of signing keys.

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, Insertable, QueryDsl as _, Queryable, Selectable,
    SelectableHelper as _, sql_query,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use ouvira_common::{db::DbError, time::Timestamp};

use crate::schema::ouvira_catalog::signing_keys;

/// A signing key as the catalog has it: what operators see. Its private half is wrapped.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys)]
pub struct KeyRecord {
    /// The name in tokens and in the key set.
    pub kid: String,
    pub(super) private_key: Vec<u8>,
    /// Which key of the deployment wraps its private half.
    pub private_key_kid: String,
    pub(super) public_key: Vec<u8>,
    /// When it was made, and so published.
    pub created_at: Timestamp,
    /// From when it signs, unless a newer one does.
    pub activates_at: Timestamp,
    /// From when nothing that it signed is accepted any more.
    pub retires_at: Option<Timestamp>,
}

impl std::fmt::Debug for KeyRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyRecord({})", self.kid)
    }
}

/// One process at a time makes or rotates keys: held until the transaction ends.
pub(super) async fn lock(conn: &mut AsyncPgConnection) -> Result<(), DbError> {
    sql_query("SELECT pg_advisory_xact_lock(hashtextextended('ouvira.signing_keys', 0))")
        .execute(conn)
        .await?;
    Ok(())
}

/// Keys that verify at `now`, the one that activates last first.
pub(super) async fn living(conn: &mut AsyncPgConnection, now: Timestamp) -> Result<Vec<KeyRecord>, DbError> {
    let keys = signing_keys::table
        .filter(signing_keys::retires_at.is_null().or(signing_keys::retires_at.gt(now)))
        .order((signing_keys::activates_at.desc(), signing_keys::kid))
        .select(KeyRecord::as_select())
        .load(conn)
        .await?;
    Ok(keys)
}

pub(super) async fn insert(conn: &mut AsyncPgConnection, key: &KeyRecord) -> Result<(), DbError> {
    diesel::insert_into(signing_keys::table).values(key).execute(conn).await?;
    Ok(())
}

/// Every key but `successor` ends at `at`, those that already end sooner excepted.
pub(super) async fn retire_others(
    conn: &mut AsyncPgConnection,
    successor: &str,
    at: Timestamp,
) -> Result<(), DbError> {
    diesel::update(
        signing_keys::table.filter(
            signing_keys::kid
                .ne(successor)
                .and(signing_keys::retires_at.is_null().or(signing_keys::retires_at.gt(at))),
        ),
    )
    .set(signing_keys::retires_at.eq(at))
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes what no longer verifies: a private key that is of no use is only a danger.
pub(super) async fn remove_retired(conn: &mut AsyncPgConnection, now: Timestamp) -> Result<(), DbError> {
    diesel::delete(signing_keys::table.filter(signing_keys::retires_at.le(now))).execute(conn).await?;
    Ok(())
}
