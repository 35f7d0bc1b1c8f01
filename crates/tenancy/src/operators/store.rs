//! The catalog's rows of operators.

use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, Queryable, Selectable,
    SelectableHelper as _,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use ouvira_common::{
    db::DbError,
    id::{GrantId, OperatorId, SessionId, TenantId},
    ports::{HashedPassword, OperatorGrant},
    time::Timestamp,
};
use uuid::Uuid;

use super::Operator;
use crate::schema::ouvira_catalog::{operator_grants, operator_sessions, operators};

#[derive(Queryable, Selectable)]
#[diesel(table_name = operators)]
struct OperatorRow {
    id: OperatorId,
    email: String,
    active: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    version: i64,
}

impl From<OperatorRow> for Operator {
    fn from(row: OperatorRow) -> Self {
        let OperatorRow { id, email, active, created_at, updated_at, version } = row;
        Self { id, email, active, created_at, updated_at, version }
    }
}

pub(super) async fn insert(
    conn: &mut AsyncPgConnection,
    operator: &Operator,
    folded: &str,
    hash: &HashedPassword,
) -> Result<(), DbError> {
    diesel::insert_into(operators::table)
        .values((
            operators::id.eq(operator.id),
            operators::email.eq(&operator.email),
            operators::email_folded.eq(folded),
            operators::password_hash.eq(hash.0.expose()),
            operators::active.eq(operator.active),
            operators::created_at.eq(operator.created_at),
            operators::updated_at.eq(operator.updated_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn find(conn: &mut AsyncPgConnection, id: OperatorId) -> Result<Option<Operator>, DbError> {
    let row: Option<OperatorRow> =
        operators::table.find(id).select(OperatorRow::as_select()).first(conn).await.optional()?;
    Ok(row.map(Operator::from))
}

pub(super) async fn find_by_email(
    conn: &mut AsyncPgConnection,
    folded: &str,
) -> Result<Option<Operator>, DbError> {
    let row: Option<OperatorRow> = operators::table
        .filter(operators::email_folded.eq(folded))
        .select(OperatorRow::as_select())
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(Operator::from))
}

/// At most `limit` operators, those made after `after`.
pub(super) async fn list(
    conn: &mut AsyncPgConnection,
    after: Option<OperatorId>,
    limit: i64,
) -> Result<Vec<Operator>, DbError> {
    let rows: Vec<OperatorRow> = operators::table
        .filter(operators::id.gt(after.map_or(Uuid::nil(), |id| id.0)))
        .order(operators::id)
        .limit(limit)
        .select(OperatorRow::as_select())
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(Operator::from).collect())
}

pub(super) async fn set_password(
    conn: &mut AsyncPgConnection,
    id: OperatorId,
    hash: &HashedPassword,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = diesel::update(operators::table.find(id))
        .set((
            operators::password_hash.eq(hash.0.expose()),
            operators::updated_at.eq(now),
            operators::version.eq(operators::version + 1),
        ))
        .execute(conn)
        .await?;
    Ok(changed == 1)
}

pub(super) async fn set_active(
    conn: &mut AsyncPgConnection,
    id: OperatorId,
    active: bool,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = diesel::update(operators::table.find(id))
        .set((
            operators::active.eq(active),
            operators::updated_at.eq(now),
            operators::version.eq(operators::version + 1),
        ))
        .execute(conn)
        .await?;
    Ok(changed == 1)
}

/// Whether the operator is active and the session, where there is one, lives; both stay so until the transaction ends.
pub(super) async fn may_take_leave(
    conn: &mut AsyncPgConnection,
    operator: OperatorId,
    session: Option<SessionId>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let active: Option<bool> =
        operators::table.find(operator).select(operators::active).for_share().first(conn).await.optional()?;
    let Some(session) = session else { return Ok(active == Some(true)) };
    let live: Option<Uuid> = operator_sessions::table
        .find(session)
        .filter(operator_sessions::operator_id.eq(operator))
        .filter(operator_sessions::ended_at.is_null())
        .filter(operator_sessions::expires_at.gt(now))
        .select(operator_sessions::id)
        .for_share()
        .first(conn)
        .await
        .optional()?;
    Ok(active == Some(true) && live.is_some())
}

pub(super) async fn insert_grant(
    conn: &mut AsyncPgConnection,
    grant: &OperatorGrant,
    session: Option<SessionId>,
    reason: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    diesel::insert_into(operator_grants::table)
        .values((
            operator_grants::id.eq(grant.id),
            operator_grants::operator_id.eq(grant.operator),
            operator_grants::tenant_id.eq(grant.tenant),
            operator_grants::session_id.eq(session.map(|session| session.0)),
            operator_grants::reason.eq(reason),
            operator_grants::created_at.eq(now),
            operator_grants::expires_at.eq(grant.expires_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The grants of an operator, or of one of their sessions, that still run, marked as revoked.
pub(super) async fn revoke_grants(
    conn: &mut AsyncPgConnection,
    operator: OperatorId,
    session: Option<SessionId>,
    now: Timestamp,
) -> Result<Vec<(GrantId, TenantId)>, DbError> {
    let running = operator_grants::table
        .filter(operator_grants::operator_id.eq(operator))
        .filter(operator_grants::revoked_at.is_null())
        .filter(operator_grants::expires_at.gt(now));
    let returned = (operator_grants::id, operator_grants::tenant_id);
    let change = operator_grants::revoked_at.eq(now);
    let revoked = match session {
        None => diesel::update(running).set(change).returning(returned).get_results(conn).await?,
        Some(session) => {
            let running = running.filter(operator_grants::session_id.eq(session.0));
            diesel::update(running).set(change).returning(returned).get_results(conn).await?
        }
    };
    Ok(revoked)
}
