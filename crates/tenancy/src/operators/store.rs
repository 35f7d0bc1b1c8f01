//! The catalog's rows of operators.

use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, Queryable, Selectable,
    SelectableHelper as _,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use ouvira_common::{db::DbError, id::OperatorId, ports::HashedPassword, secret::Secret, time::Timestamp};
use uuid::Uuid;

use super::{Operator, OperatorCredentials, OperatorGrant};
use crate::schema::ouvira_catalog::{operator_grants, operators};

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

pub(super) async fn credentials(
    conn: &mut AsyncPgConnection,
    folded: &str,
) -> Result<Option<OperatorCredentials>, DbError> {
    let row: Option<(OperatorRow, String)> = operators::table
        .filter(operators::email_folded.eq(folded))
        .select((OperatorRow::as_select(), operators::password_hash))
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(|(row, hash)| OperatorCredentials {
        operator: row.into(),
        password: HashedPassword(Secret::new(hash)),
    }))
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

pub(super) async fn insert_grant(
    conn: &mut AsyncPgConnection,
    grant: &OperatorGrant,
    reason: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    diesel::insert_into(operator_grants::table)
        .values((
            operator_grants::id.eq(grant.id),
            operator_grants::operator_id.eq(grant.operator),
            operator_grants::tenant_id.eq(grant.tenant),
            operator_grants::reason.eq(reason),
            operator_grants::created_at.eq(now),
            operator_grants::expires_at.eq(grant.expires_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
