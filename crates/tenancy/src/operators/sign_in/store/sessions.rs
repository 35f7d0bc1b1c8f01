//! Operators' own sessions.

use chrono::Duration;
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, Queryable,
    Selectable, SelectableHelper as _,
    dsl::sql,
    sql_query,
    sql_types::{Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use ipnet::IpNet;
use ouvira_common::{
    db::{DbError, SessionScope, cached},
    id::{OperatorId, SessionId},
    ports::{NewOperatorSession, OperatorSession},
    time::Timestamp,
};

use crate::{
    PlatformContext,
    schema::ouvira_catalog::{operator_login_challenges as logins, operator_sessions as sessions, operators},
};

/// Keeps a session of somebody who proved who they are just now.
pub(in super::super) async fn insert(
    conn: &mut AsyncPgConnection,
    ctx: &PlatformContext,
    new: &NewOperatorSession,
) -> Result<(), DbError> {
    let now = ctx.now;
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(new.id),
            sessions::operator_id.eq(new.operator),
            sessions::scope.eq(new.scope.as_str()),
            sessions::amr.eq(&new.amr),
            sessions::auth_time.eq(now),
            sessions::secret_sealed.eq(&new.secret_sealed),
            sessions::rotated_at.eq(now),
            sessions::device.eq(new.device.as_slice()),
            sessions::ip.eq(ctx.origin.ip.map(IpNet::from)),
            sessions::user_agent.eq(&ctx.origin.user_agent),
            sessions::expires_at.eq(new.expires_at),
            sessions::absolute_expires_at.eq(new.absolute_expires_at),
            sessions::created_at.eq(now),
            sessions::updated_at.eq(now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions, check_for_backend(diesel::pg::Pg))]
struct Row {
    operator_id: OperatorId,
    scope: String,
    amr: String,
    auth_time: Timestamp,
    secret_sealed: Vec<u8>,
    n: i64,
    rotated_at: Timestamp,
    expires_at: Timestamp,
    ended_at: Option<Timestamp>,
}

impl Row {
    fn of(self, active: bool) -> OperatorSession {
        let full = self.scope == SessionScope::Full.as_str();
        OperatorSession {
            operator: self.operator_id,
            active,
            scope: if full { SessionScope::Full } else { SessionScope::Enrol },
            amr: self.amr.split_whitespace().map(str::to_owned).collect(),
            auth_time: self.auth_time,
            secret_sealed: self.secret_sealed,
            n: self.n,
            rotated_at: self.rotated_at,
            expires_at: self.expires_at,
            ended: self.ended_at.is_some(),
        }
    }
}

/// The session, alive or not, and whether its operator is active.
pub(in super::super) async fn find(
    conn: &mut AsyncPgConnection,
    id: SessionId,
) -> Result<Option<OperatorSession>, DbError> {
    let found: Option<(Row, bool)> = sessions::table
        .inner_join(operators::table)
        .filter(sessions::id.eq(id))
        .select((Row::as_select(), operators::active))
        .first(conn)
        .await
        .optional()?;
    Ok(found.map(|(row, active)| row.of(active)))
}

/// Goes on from token `n` to the next, if `n` is the present one of a session that lives; the one statement that decides a
/// race.
pub(in super::super) async fn rotate(
    conn: &mut AsyncPgConnection,
    ctx: &PlatformContext,
    id: SessionId,
    n: i64,
    idle: Duration,
) -> Result<Option<OperatorSession>, DbError> {
    let now = ctx.now;
    let present = sessions::n.eq(n).and(sessions::ended_at.is_null()).and(sessions::expires_at.gt(now));
    let active = operators::table.filter(operators::active).select(operators::id);
    let expires_at =
        sql::<Timestamptz>("least(absolute_expires_at, ").bind::<Timestamptz, _>(now + idle).sql(")");
    let rotate = diesel::update(sessions::table)
        .filter(sessions::id.eq(id))
        .filter(present)
        .filter(sessions::operator_id.eq_any(active))
        .set((
            sessions::n.eq(sessions::n + 1),
            sessions::rotated_at.eq(now),
            sessions::expires_at.eq(expires_at),
            sessions::ip.eq(ctx.origin.ip.map(IpNet::from)),
            sessions::user_agent.eq(&ctx.origin.user_agent),
            sessions::updated_at.eq(now),
        ))
        .returning(Row::as_returning());
    let row: Option<Row> = rotate.get_result(conn).await.optional()?;
    Ok(row.map(|row| row.of(true)))
}

/// The operator has shown a second factor: the session is a full one.
pub(in super::super) async fn strengthen(
    conn: &mut AsyncPgConnection,
    id: SessionId,
    now: Timestamp,
) -> Result<(), DbError> {
    let strengthen = sql_query(
        "UPDATE ouvira_catalog.operator_sessions SET scope = 'full', updated_at = $2, \
                amr = CASE WHEN 'otp' = ANY (string_to_array(amr, ' ')) THEN amr ELSE amr || ' otp' END \
          WHERE id = $1 AND ended_at IS NULL",
    )
    .bind::<SqlUuid, _>(id.0)
    .bind::<Timestamptz, _>(now);
    cached(strengthen).execute(conn).await?;
    Ok(())
}

/// Ends a session that lives and answers whose it was.
pub(in super::super) async fn end(
    conn: &mut AsyncPgConnection,
    id: SessionId,
    reason: &str,
    now: Timestamp,
) -> Result<Option<OperatorId>, DbError> {
    let live = sessions::ended_at.is_null().and(sessions::expires_at.gt(now));
    let ended = diesel::update(sessions::table.find(id).filter(live))
        .set((sessions::ended_at.eq(now), sessions::end_reason.eq(reason), sessions::updated_at.eq(now)))
        .returning(sessions::operator_id)
        .get_result(conn)
        .await;
    Ok(ended.optional()?)
}

/// Ends all sessions of an operator, and logins half way through.
pub(in crate::operators) async fn end_all(
    conn: &mut AsyncPgConnection,
    operator: OperatorId,
    reason: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let live = sessions::operator_id.eq(operator).and(sessions::ended_at.is_null());
    diesel::update(sessions::table.filter(live))
        .set((sessions::ended_at.eq(now), sessions::end_reason.eq(reason), sessions::updated_at.eq(now)))
        .execute(conn)
        .await?;
    let waiting = logins::operator_id.eq(operator).and(logins::used_at.is_null());
    diesel::update(logins::table.filter(waiting)).set(logins::used_at.eq(now)).execute(conn).await?;
    Ok(())
}
