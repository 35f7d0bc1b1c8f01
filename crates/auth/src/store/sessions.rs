//! Signed-in devices.

use chrono::Duration;
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, Queryable, QueryableByName, Selectable,
    SelectableHelper as _,
    dsl::sql,
    sql_query,
    sql_types::{BigInt, Inet, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl as _;
use ipnet::IpNet;
use ouvira_common::{
    context::Authentication,
    db::{DbError, EXTEND_SESSION, SessionScope, Tx, cached},
    id::{SessionId, UserId},
    sealing::Place,
    time::Timestamp,
};
use uuid::Uuid;

use crate::{
    config::REFRESH_GRACE,
    model::{EndReason, Session, device_label},
    schema::sessions,
};

/// Where the secret of a session is sealed.
pub(crate) const fn secret_place(id: SessionId) -> Place {
    Place { table: "sessions", column: "secret_sealed", row: id.0 }
}

/// A session about to be kept.
pub(crate) struct NewSession {
    pub(crate) id: SessionId,
    pub(crate) user: UserId,
    pub(crate) scope: SessionScope,
    pub(crate) amr: String,
    pub(crate) secret_sealed: Vec<u8>,
    pub(crate) expires_at: Timestamp,
    pub(crate) absolute_expires_at: Timestamp,
}

/// Keeps a session of somebody who proved who they are just now; deferred.
pub(crate) fn insert(tx: &mut Tx, new: NewSession) {
    let now = tx.now();
    let origin = tx.context().origin().clone();
    tx.defer(diesel::insert_into(sessions::table).values((
        sessions::id.eq(new.id.0),
        sessions::user_id.eq(new.user.0),
        sessions::scope.eq(new.scope.as_str()),
        sessions::amr.eq(new.amr),
        sessions::auth_time.eq(now),
        sessions::secret_sealed.eq(new.secret_sealed),
        sessions::rotated_at.eq(now),
        sessions::ip.eq(origin.ip.map(IpNet::from)),
        sessions::user_agent.eq(origin.user_agent),
        sessions::last_used_at.eq(now),
        sessions::expires_at.eq(new.expires_at),
        sessions::absolute_expires_at.eq(new.absolute_expires_at),
        sessions::created_at.eq(now),
        sessions::updated_at.eq(now),
    )));
}

/// What refreshing has to know of a session.
#[derive(Debug, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = sessions, check_for_backend(diesel::pg::Pg))]
pub(crate) struct SessionRow {
    pub(crate) user_id: Uuid,
    scope: String,
    amr: String,
    pub(crate) auth_time: Timestamp,
    pub(crate) secret_sealed: Vec<u8>,
    pub(crate) n: i64,
    pub(crate) rotated_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
}

impl SessionRow {
    pub(crate) fn scope(&self) -> SessionScope {
        if self.scope == SessionScope::Full.as_str() { SessionScope::Full } else { SessionScope::Enrol }
    }

    pub(crate) fn amr(&self) -> Vec<String> {
        amr_of(&self.amr)
    }

    /// Whether a second factor was shown in it.
    pub(crate) fn has_second_factor(&self) -> bool {
        Authentication { amr: self.amr(), ..Authentication::default() }.has_second_factor()
    }

    /// The same as [`set_scope`] has just made it.
    pub(crate) fn only_for_enrolment(mut self) -> Self {
        SessionScope::Enrol.as_str().clone_into(&mut self.scope);
        self
    }
}

fn amr_of(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Goes on from token `n` to the next, here and at the gate, if `n` is the present one of a live session, or a later one that
/// was handed out while the database was losing what it had been told; the one statement that decides a race.
pub(crate) async fn rotate(
    tx: &mut Tx,
    id: SessionId,
    n: i64,
    idle: Duration,
) -> Result<Option<SessionRow>, DbError> {
    let now = tx.now();
    let origin = tx.context().origin().clone();
    let statement = sql_query(format!(
        "WITH rotated AS ( \
             UPDATE sessions SET n = $2 + 1, rotated_at = $3, last_used_at = $3, updated_at = $3, \
                 expires_at = least(absolute_expires_at, $4), ip = $5, user_agent = $6 \
              WHERE id = $1 AND n <= $2 AND ended_at IS NULL AND expires_at > $3 \
              RETURNING id, user_id, scope, amr, auth_time, secret_sealed, n, rotated_at, expires_at, ended_at) \
         SELECT rotated.*, {EXTEND_SESSION}(id, scope, expires_at) AS extended FROM rotated"
    ))
    .bind::<SqlUuid, _>(id.0)
    .bind::<BigInt, _>(n)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(now + idle)
    .bind::<Nullable<Inet>, _>(origin.ip.map(IpNet::from))
    .bind::<Nullable<Text>, _>(origin.user_agent);
    Ok(cached(statement).get_result(tx).await.optional()?)
}

/// The session, live or not.
pub(crate) async fn find(tx: &mut Tx, id: SessionId) -> Result<Option<SessionRow>, DbError> {
    let row = sessions::table.filter(sessions::id.eq(id.0)).select(SessionRow::as_select()).first(tx).await;
    Ok(row.optional()?)
}

/// The user of a session has shown a second factor: it is a full one, here and at the gate.
pub(crate) async fn strengthen(tx: &mut Tx, id: SessionId) -> Result<(), DbError> {
    let statement = sql_query(
        "UPDATE sessions SET scope = 'full', updated_at = $2, \
             amr = CASE WHEN 'otp' = ANY (string_to_array(amr, ' ')) THEN amr ELSE amr || ' otp' END \
          WHERE id = $1 AND ended_at IS NULL RETURNING expires_at",
    )
    .bind::<SqlUuid, _>(id.0)
    .bind::<Timestamptz, _>(tx.now());
    let row: Option<Expiry> = cached(statement).get_result(tx).await.optional()?;
    if let Some(row) = row {
        tx.extend_session(id, SessionScope::Full, row.expires_at);
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Expiry {
    #[diesel(sql_type = Timestamptz)]
    expires_at: Timestamp,
}

/// The user of a live session has proven who they are by `method` just now. Goes on to the next refresh token, and the
/// former one has no grace.
pub(crate) async fn reauthenticate(
    tx: &mut Tx,
    id: SessionId,
    method: &str,
) -> Result<Option<SessionRow>, DbError> {
    let now = tx.now();
    let amr = sql::<Text>("CASE WHEN ")
        .bind::<Text, _>(method.to_owned())
        .sql(" = ANY (string_to_array(amr, ' ')) THEN amr ELSE amr || ' ' || ")
        .bind::<Text, _>(method.to_owned())
        .sql(" END");
    let statement = diesel::update(sessions::table)
        .filter(sessions::id.eq(id.0))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .set((
            sessions::amr.eq(amr),
            sessions::auth_time.eq(now),
            sessions::n.eq(sessions::n + 1),
            sessions::rotated_at.eq(now - REFRESH_GRACE - Duration::seconds(1)),
            sessions::last_used_at.eq(now),
            sessions::updated_at.eq(now),
        ))
        .returning(SessionRow::as_returning());
    Ok(cached(statement).get_result(tx).await.optional()?)
}

/// Changes what a session opens, here and at the gate.
pub(crate) async fn set_scope(tx: &mut Tx, id: SessionId, scope: SessionScope) -> Result<(), DbError> {
    let now = tx.now();
    let statement = diesel::update(sessions::table)
        .filter(sessions::id.eq(id.0))
        .filter(sessions::ended_at.is_null())
        .set((sessions::scope.eq(scope.as_str()), sessions::updated_at.eq(now)))
        .returning(sessions::expires_at);
    let expires_at: Option<Timestamp> = cached(statement).get_result(tx).await.optional()?;
    if let Some(expires_at) = expires_at {
        tx.extend_session(id, scope, expires_at);
    }
    Ok(())
}

/// Ends a session of `user` and answers whether it was live.
pub(crate) async fn end(
    tx: &mut Tx,
    id: SessionId,
    user: UserId,
    reason: EndReason,
) -> Result<bool, DbError> {
    let now = tx.now();
    let statement = diesel::update(sessions::table)
        .filter(sessions::id.eq(id.0))
        .filter(sessions::user_id.eq(user.0))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .set((
            sessions::ended_at.eq(now),
            sessions::end_reason.eq(reason.as_str()),
            sessions::updated_at.eq(now),
        ));
    let ended = cached(statement).execute(tx).await? == 1;
    if ended {
        tx.end_session(id);
    }
    Ok(ended)
}

/// Ends all sessions of `user` but `except`, here and at the gate; deferred.
pub(crate) fn end_all(tx: &mut Tx, user: UserId, except: Option<SessionId>, reason: EndReason) {
    let now = tx.now();
    tx.defer(cached(
        diesel::update(sessions::table)
            .filter(sessions::user_id.eq(user.0))
            .filter(sessions::ended_at.is_null())
            .filter(sessions::id.ne(except.map_or(Uuid::nil(), |id| id.0)))
            .set((
                sessions::ended_at.eq(now),
                sessions::end_reason.eq(reason.as_str()),
                sessions::updated_at.eq(now),
            )),
    ));
    tx.end_sessions(user, except);
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions, check_for_backend(diesel::pg::Pg))]
struct ListedRow {
    id: Uuid,
    amr: String,
    ip: Option<IpNet>,
    user_agent: Option<String>,
    created_at: Timestamp,
    last_used_at: Timestamp,
    expires_at: Timestamp,
}

/// At most `limit` live sessions of `user`, the newest first, older than `before`.
pub(crate) async fn live(
    tx: &mut Tx,
    user: UserId,
    before: Option<SessionId>,
    limit: i64,
) -> Result<Vec<Session>, DbError> {
    let current = tx.context().session_id();
    let rows: Vec<ListedRow> = sessions::table
        .filter(sessions::user_id.eq(user.0))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(tx.now()))
        .filter(sessions::id.lt(before.map_or(Uuid::max(), |id| id.0)))
        .order(sessions::id.desc())
        .limit(limit)
        .select(ListedRow::as_select())
        .load(tx)
        .await?;
    let session = |row: ListedRow| Session {
        id: SessionId(row.id),
        current: current == Some(SessionId(row.id)),
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        expires_at: row.expires_at,
        ip: row.ip.map(|ip| ip.addr()),
        device: device_label(row.user_agent.as_deref()),
        user_agent: row.user_agent,
        amr: amr_of(&row.amr),
    };
    Ok(rows.into_iter().map(session).collect())
}

/// How many live sessions `user` has.
pub(crate) async fn count_live(tx: &mut Tx, user: UserId) -> Result<i64, DbError> {
    let count = sessions::table
        .filter(sessions::user_id.eq(user.0))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(tx.now()))
        .count()
        .get_result(tx)
        .await?;
    Ok(count)
}
