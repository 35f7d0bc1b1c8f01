//! The tables of notifications and of what users decided about them.

use std::collections::BTreeMap;

use diesel::{
    dsl::{count_star, exists},
    pg::Pg,
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Bool, Jsonb, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::{SessionId, UserId, uuid_at},
    page::Limit,
    ports::Notice,
    time::Timestamp,
};
use serde_json::Value;
use uuid::Uuid;

use super::{Notification, NotificationCreated, Preference, stream::Position, ticket::Holder};
use crate::{
    canonical::storable,
    schema::{notification_preferences, notification_tickets, notifications},
};

#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = notifications)]
struct NotificationRow {
    id: Uuid,
    kind: String,
    data: Value,
    read_at: Option<Timestamp>,
    created_at: Timestamp,
}

impl From<NotificationRow> for Notification {
    fn from(row: NotificationRow) -> Self {
        Self { id: row.id, kind: row.kind, data: row.data, read_at: row.read_at, created_at: row.created_at }
    }
}

/// Writes a notice with the deferred statements, as its user decided: into the list, for the mail, or not at all.
pub(crate) fn insert(tx: &mut Tx, notice: Notice) {
    let id = uuid_at(tx.now());
    let put = sql_query(
        "INSERT INTO notifications (id, user_id, kind, data, in_app, created_at, updated_at) \
         SELECT $1, $2, $3, $4, coalesce(p.in_app, true), $5, $5 \
           FROM (SELECT) one LEFT JOIN notification_preferences p ON p.user_id = $2 AND p.kind = $3 \
          WHERE coalesce(p.in_app, true) OR p.email",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(notice.user)
    .bind::<Text, _>(notice.kind)
    .bind::<Jsonb, _>(storable(notice.data))
    .bind::<Timestamptz, _>(tx.now());
    tx.defer(cached(put));
    tx.publish(&NotificationCreated { notification_id: id, user_id: notice.user });
}

fn listed(user: UserId, unread: Option<bool>) -> notifications::BoxedQuery<'static, Pg> {
    let query =
        notifications::table.filter(notifications::user_id.eq(user).and(notifications::in_app)).into_boxed();
    match unread {
        Some(true) => query.filter(notifications::read_at.is_null()),
        Some(false) => query.filter(notifications::read_at.is_not_null()),
        None => query,
    }
}

/// The list of `user`, the newest first.
pub(super) async fn list(
    tx: &mut Tx,
    user: UserId,
    unread: Option<bool>,
    after: Option<Uuid>,
    limit: Limit,
) -> Result<Vec<Notification>, DbError> {
    let mut query = listed(user, unread);
    if let Some(after) = after {
        query = query.filter(notifications::id.lt(after));
    }
    let rows: Vec<NotificationRow> = query
        .order(notifications::id.desc())
        .limit(limit.probe())
        .select(NotificationRow::as_select())
        .load(tx)
        .await?;
    Ok(rows.into_iter().map(Notification::from).collect())
}

/// How many are in the list of `user`.
pub(super) async fn count(tx: &mut Tx, user: UserId, unread: Option<bool>) -> Result<i64, DbError> {
    Ok(listed(user, unread).select(count_star()).get_result(tx).await?)
}

/// Marks unread ones of `user` read, those of `ids` or all; answers how many.
pub(super) async fn mark_read(
    tx: &mut Tx,
    user: UserId,
    ids: Option<&[Uuid]>,
    now: Timestamp,
) -> Result<usize, DbError> {
    let read = (notifications::read_at.eq(now), notifications::updated_at.eq(now));
    let unread =
        notifications::user_id.eq(user).and(notifications::in_app).and(notifications::read_at.is_null());
    let updated = match ids {
        None => cached(diesel::update(notifications::table.filter(unread)).set(read)).execute(tx).await?,
        Some(ids) => {
            let chosen = unread.and(notifications::id.eq_any(ids));
            cached(diesel::update(notifications::table.filter(chosen)).set(read)).execute(tx).await?
        }
    };
    Ok(updated)
}

/// Notes that a mail about a notification is on its way, when its user wants one; `None` when not, or when one was
/// before.
pub(super) async fn take_for_mail(
    tx: &mut Tx,
    id: Uuid,
    now: Timestamp,
) -> Result<Option<Notification>, DbError> {
    let wanted = notification_preferences::table.filter(
        notification_preferences::user_id
            .eq(notifications::user_id)
            .and(notification_preferences::kind.eq(notifications::kind))
            .and(notification_preferences::email),
    );
    let chosen = notifications::table
        .filter(notifications::id.eq(id).and(notifications::mailed_at.is_null()))
        .filter(exists(wanted));
    let row: Option<NotificationRow> = cached(
        diesel::update(chosen)
            .set((notifications::mailed_at.eq(now), notifications::updated_at.eq(now)))
            .returning(NotificationRow::as_returning()),
    )
    .get_result(tx)
    .await
    .optional()?;
    Ok(row.map(Notification::from))
}

/// Where a stream is that told that notification last; `None` when `user` has no such one.
pub(super) async fn position_of(tx: &mut Tx, user: UserId, id: Uuid) -> Result<Option<Position>, DbError> {
    let txid: Option<i64> = notifications::table
        .filter(notifications::id.eq(id).and(notifications::user_id.eq(user)))
        .select(notifications::txid)
        .first(tx)
        .await
        .optional()?;
    Ok(txid.map(|txid| Position { txid, id }))
}

#[derive(QueryableByName)]
struct Horizon {
    #[diesel(sql_type = BigInt)]
    txid: i64,
}

/// Where a stream begins that tells only what is new.
pub(super) async fn present(tx: &mut Tx) -> Result<Position, DbError> {
    let query = sql_query("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS txid");
    let horizon: Horizon = cached(query).get_result(tx).await?;
    // Notices of that very transaction, and later ones, are new.
    Ok(Position { txid: horizon.txid, id: Uuid::nil() })
}

#[derive(QueryableByName)]
struct ToldRow {
    #[diesel(sql_type = BigInt)]
    txid: i64,
    #[diesel(embed)]
    notification: NotificationRow,
}

/// Notices after `position` of transactions before which no other is still running, in the order of their transactions.
pub(super) async fn told_after(
    tx: &mut Tx,
    user: UserId,
    position: Position,
    most: i64,
) -> Result<Vec<(Position, Notification)>, DbError> {
    let query = sql_query(
        "SELECT txid, id, kind, data, read_at, created_at FROM notifications \
          WHERE user_id = $1 AND in_app AND txid >= $2 AND (txid > $2 OR id > $3) \
            AND txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint \
          ORDER BY txid, id LIMIT $4",
    );
    let rows: Vec<ToldRow> = cached(
        query
            .bind::<SqlUuid, _>(user)
            .bind::<BigInt, _>(position.txid)
            .bind::<SqlUuid, _>(position.id)
            .bind::<BigInt, _>(most),
    )
    .load(tx)
    .await?;
    let told = |row: ToldRow| (Position { txid: row.txid, id: row.notification.id }, row.notification.into());
    Ok(rows.into_iter().map(told).collect())
}

/// Keeps a ticket, with the deferred statements; expired ones of the same user go.
pub(super) fn put_ticket(tx: &mut Tx, hash: &[u8], holder: &Holder, expires_at: Timestamp) {
    let now = tx.now();
    let expired = notification_tickets::table
        .filter(notification_tickets::user_id.eq(holder.user).and(notification_tickets::expires_at.lt(now)));
    tx.defer(cached(diesel::delete(expired)));
    tx.defer(diesel::insert_into(notification_tickets::table).values((
        notification_tickets::hash.eq(hash.to_vec()),
        notification_tickets::user_id.eq(holder.user),
        notification_tickets::session_id.eq(holder.session),
        notification_tickets::expires_at.eq(expires_at),
        notification_tickets::created_at.eq(now),
    )));
}

/// Takes a ticket away and answers its holder; `None` when there is none, or it has expired.
pub(super) async fn take_ticket(tx: &mut Tx, hash: &[u8]) -> Result<Option<Holder>, DbError> {
    let chosen = notification_tickets::table
        .filter(notification_tickets::hash.eq(hash).and(notification_tickets::expires_at.gt(tx.now())));
    let holder: Option<(UserId, SessionId)> = cached(
        diesel::delete(chosen).returning((notification_tickets::user_id, notification_tickets::session_id)),
    )
    .get_result(tx)
    .await
    .optional()?;
    Ok(holder.map(|(user, session)| Holder { user, session }))
}

/// Removes at most `most` tickets that expired; answers how many.
pub(super) async fn remove_expired_tickets(tx: &mut Tx, most: i64) -> Result<usize, DbError> {
    let removed = sql_query(
        "DELETE FROM notification_tickets WHERE (tenant_id, hash) IN \
         (SELECT tenant_id, hash FROM notification_tickets WHERE expires_at < $1 LIMIT $2)",
    );
    let removed = removed.bind::<Timestamptz, _>(tx.now()).bind::<BigInt, _>(most);
    Ok(cached(removed).execute(tx).await?)
}

/// What `user` decided, by kind.
pub(super) async fn preferences(tx: &mut Tx, user: UserId) -> Result<BTreeMap<String, Preference>, DbError> {
    let rows: Vec<(String, bool, bool)> = notification_preferences::table
        .filter(notification_preferences::user_id.eq(user))
        .select((
            notification_preferences::kind,
            notification_preferences::in_app,
            notification_preferences::email,
        ))
        .load(tx)
        .await?;
    Ok(rows.into_iter().map(|(kind, in_app, email)| (kind, Preference { in_app, email })).collect())
}

/// Writes what `user` decided in place of what they decided before, with the deferred statements.
pub(super) fn replace_preferences(tx: &mut Tx, user: UserId, decided: &BTreeMap<String, Preference>) {
    let of_user = notification_preferences::table.filter(notification_preferences::user_id.eq(user));
    tx.defer(cached(diesel::delete(of_user)));
    let kinds: Vec<String> = decided.keys().cloned().collect();
    let in_app: Vec<bool> = decided.values().map(|preference| preference.in_app).collect();
    let email: Vec<bool> = decided.values().map(|preference| preference.email).collect();
    let put = sql_query(
        "INSERT INTO notification_preferences (user_id, kind, in_app, email, created_at, updated_at) \
         SELECT $1, kind, in_app, email, $5, $5 FROM unnest($2, $3, $4) AS decided (kind, in_app, email)",
    )
    .bind::<SqlUuid, _>(user)
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<Bool>, _>(in_app)
    .bind::<Array<Bool>, _>(email)
    .bind::<Timestamptz, _>(tx.now());
    tx.defer(cached(put));
}
