//! The tables of notifications and of what users decided about them.

use std::collections::BTreeMap;

use diesel::{
    dsl::count_star,
    pg::Pg,
    prelude::*,
    sql_query,
    sql_types::{Array, Bool, Jsonb, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::{UserId, uuid_at},
    outbox::OutboxEvent as _,
    page::Limit,
    ports::Notice,
    time::Timestamp,
};
use serde_json::Value;
use uuid::Uuid;

use super::{Notification, NotificationMailWanted, Preference};
use crate::{
    canonical::storable,
    schema::{notification_preferences, notifications},
};

#[derive(Queryable, Selectable)]
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
    // As `Tx::publish` does, but only when a mail is wanted, which is known only in the database.
    let wanted = NotificationMailWanted { notification_id: id };
    let publish = sql_query(
        "SELECT ouvira_core.publish($1, $2, $3, $4) \
          WHERE EXISTS (SELECT FROM notification_preferences WHERE user_id = $5 AND kind = $6 AND email)",
    )
    .bind::<SqlUuid, _>(uuid_at(tx.now()))
    .bind::<Text, _>(NotificationMailWanted::TOPIC)
    .bind::<Jsonb, _>(serde_json::to_value(wanted).expect("an event is plain data"))
    .bind::<Text, _>(tx.context().origin().request_id.clone())
    .bind::<SqlUuid, _>(notice.user)
    .bind::<Text, _>(notice.kind);
    tx.defer(cached(publish));
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

/// Notes that a mail about a notification is on its way; `None` when one was before, or there is no such notification.
pub(super) async fn take_for_mail(
    tx: &mut Tx,
    id: Uuid,
    now: Timestamp,
) -> Result<Option<(UserId, Notification)>, DbError> {
    let chosen =
        notifications::table.filter(notifications::id.eq(id).and(notifications::mailed_at.is_null()));
    let row: Option<(UserId, NotificationRow)> = cached(
        diesel::update(chosen)
            .set((notifications::mailed_at.eq(now), notifications::updated_at.eq(now)))
            .returning((notifications::user_id, NotificationRow::as_returning())),
    )
    .get_result(tx)
    .await
    .optional()?;
    Ok(row.map(|(user, row)| (user, row.into())))
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
