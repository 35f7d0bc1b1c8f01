//! The tables of this domain; the only file that speaks diesel.

use diesel::{
    dsl::count_star,
    pg::Pg,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Bool, Bytea, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx, cached},
    page::Limit,
    time::Timestamp,
};
use uuid::Uuid;

use crate::{
    deliveries::DeliveryFilter,
    events::ALL_EVENTS,
    model::{DeliveryId, DeliveryStatus, Pause, PausedReason, Webhook, WebhookDelivery, WebhookId},
    schema::{webhook_deliveries, webhooks},
};

#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = webhooks)]
struct WebhookRow {
    id: WebhookId,
    url: String,
    description: Option<String>,
    events: Vec<Option<String>>,
    paused_reason: Option<String>,
    paused_at: Option<Timestamp>,
    failures: i32,
    failing_since: Option<Timestamp>,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<WebhookRow> for Webhook {
    fn from(row: WebhookRow) -> Self {
        let reason =
            row.paused_reason.map(|name| PausedReason::of_name(&name).unwrap_or(PausedReason::Manual));
        Self {
            id: row.id,
            url: row.url,
            description: row.description,
            events: row.events.into_iter().flatten().collect(),
            paused: reason.zip(row.paused_at).map(|(reason, at)| Pause { reason, at }),
            failures: row.failures,
            failing_since: row.failing_since,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

#[derive(Queryable, Selectable, QueryableByName)]
#[diesel(table_name = webhook_deliveries)]
struct DeliveryRow {
    id: DeliveryId,
    webhook_id: WebhookId,
    event_id: Uuid,
    event: String,
    status: String,
    attempts: i32,
    next_attempt_at: Option<Timestamp>,
    last_attempt_at: Option<Timestamp>,
    response_code: Option<i32>,
    response_body: Option<String>,
    error: Option<String>,
    duration_ms: Option<i32>,
    replay_of: Option<DeliveryId>,
    created_at: Timestamp,
}

impl From<DeliveryRow> for WebhookDelivery {
    fn from(row: DeliveryRow) -> Self {
        Self {
            id: row.id,
            webhook: row.webhook_id,
            event_id: row.event_id,
            event: row.event,
            status: DeliveryStatus::of_name(&row.status).unwrap_or(DeliveryStatus::Failed),
            attempts: row.attempts,
            next_attempt_at: row.next_attempt_at,
            last_attempt_at: row.last_attempt_at,
            response_code: row.response_code,
            response_body: row.response_body,
            error: row.error,
            duration_ms: row.duration_ms,
            replay_of: row.replay_of,
            created_at: row.created_at,
        }
    }
}

const fn status_of(webhook: &Webhook) -> &'static str {
    if webhook.paused.is_some() { "paused" } else { "active" }
}

/// Puts in a webhook; `false` when there are `most` already. The count is taken under a lock of the tenant's own, or two
/// at once would both be the last.
pub(crate) async fn insert(
    tx: &mut Tx,
    webhook: &Webhook,
    secret: Vec<u8>,
    most: i64,
) -> Result<bool, DbError> {
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended('ouvira.webhooks.' || current_setting('app.tenant_id'), 0))";
    tx.open().await?;
    cached(sql_query(lock)).execute(tx).await?;
    if count(tx).await? >= most {
        return Ok(false);
    }
    let row = (
        webhooks::id.eq(webhook.id),
        webhooks::url.eq(&webhook.url),
        webhooks::description.eq(&webhook.description),
        webhooks::events.eq(&webhook.events),
        webhooks::status.eq(status_of(webhook)),
        webhooks::secret.eq(secret),
        webhooks::version.eq(webhook.version),
        webhooks::created_at.eq(webhook.created_at),
        webhooks::updated_at.eq(webhook.updated_at),
    );
    diesel::insert_into(webhooks::table).values(row).execute(tx).await?;
    Ok(true)
}

/// How many there are.
pub(crate) async fn count(tx: &mut Tx) -> Result<i64, DbError> {
    Ok(webhooks::table.select(count_star()).first(tx).await?)
}

/// Those after `after`, the newest first.
pub(crate) async fn list(
    tx: &mut Tx,
    after: Option<WebhookId>,
    limit: Limit,
) -> Result<Vec<Webhook>, DbError> {
    let mut query = webhooks::table.select(WebhookRow::as_select()).into_boxed();
    if let Some(after) = after {
        query = query.filter(webhooks::id.lt(after));
    }
    let rows: Vec<WebhookRow> = query.order(webhooks::id.desc()).limit(limit.probe()).load(tx).await?;
    Ok(rows.into_iter().map(Webhook::from).collect())
}

/// One of them.
pub(crate) async fn find(tx: &mut Tx, id: WebhookId) -> Result<Option<Webhook>, DbError> {
    let row: Option<WebhookRow> = webhooks::table
        .filter(webhooks::id.eq(id))
        .select(WebhookRow::as_select())
        .first(tx)
        .await
        .optional()?;
    Ok(row.map(Webhook::from))
}

/// One of them, nobody else's to change until the transaction ends.
pub(crate) async fn lock(tx: &mut Tx, id: WebhookId) -> Result<Option<Webhook>, DbError> {
    let row: Option<WebhookRow> = webhooks::table
        .filter(webhooks::id.eq(id))
        .select(WebhookRow::as_select())
        .for_update()
        .first(tx)
        .await
        .optional()?;
    Ok(row.map(Webhook::from))
}

/// Writes it as it is now. Deferred.
pub(crate) fn update(tx: &mut Tx, webhook: &Webhook) {
    let changed = diesel::update(webhooks::table.filter(webhooks::id.eq(webhook.id))).set((
        webhooks::url.eq(webhook.url.clone()),
        webhooks::description.eq(webhook.description.clone()),
        webhooks::events.eq(webhook.events.clone()),
        webhooks::status.eq(status_of(webhook)),
        webhooks::paused_reason.eq(webhook.paused.map(|pause| pause.reason.as_str())),
        webhooks::paused_at.eq(webhook.paused.map(|pause| pause.at)),
        webhooks::failures.eq(webhook.failures),
        webhooks::failing_since.eq(webhook.failing_since),
        webhooks::version.eq(webhook.version),
        webhooks::updated_at.eq(webhook.updated_at),
    ));
    tx.defer(cached(changed));
}

/// Removes it. Deferred.
pub(crate) fn delete(tx: &mut Tx, id: WebhookId) {
    tx.defer(cached(diesel::delete(webhooks::table.filter(webhooks::id.eq(id)))));
}

/// Puts a new secret in the place of the present one, which signs too until `former_until`. Deferred.
pub(crate) fn replace_secret(tx: &mut Tx, webhook: &Webhook, secret: Vec<u8>, former_until: Timestamp) {
    let replaced = sql_query(
        "UPDATE webhooks SET former_secret = secret, former_until = $2, secret = $3, version = $4, updated_at = $5 WHERE id = $1",
    );
    let replaced = replaced
        .bind::<SqlUuid, _>(webhook.id)
        .bind::<Timestamptz, _>(former_until)
        .bind::<Bytea, _>(secret)
        .bind::<BigInt, _>(webhook.version)
        .bind::<Timestamptz, _>(webhook.updated_at);
    tx.defer(cached(replaced));
}

/// A webhook that an event concerns.
#[derive(QueryableByName)]
pub(crate) struct Subscribed {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) id: WebhookId,
    #[diesel(sql_type = Bool)]
    pub(crate) paused: bool,
}

/// Those that an event of this name concerns.
pub(crate) async fn subscribed(tx: &mut Tx, event: &str) -> Result<Vec<Subscribed>, DbError> {
    let query = sql_query(
        "SELECT id, paused_at IS NOT NULL AS paused FROM webhooks WHERE events && ARRAY[$1, $2] ORDER BY id",
    );
    Ok(cached(query.bind::<Text, _>(event.to_owned()).bind::<Text, _>(ALL_EVENTS)).load(tx).await?)
}

/// A delivery to be put in.
pub(crate) struct NewDelivery<'a> {
    pub(crate) id: DeliveryId,
    pub(crate) webhook: WebhookId,
    pub(crate) event_id: Uuid,
    pub(crate) event: &'a str,
    pub(crate) payload: &'a str,
    pub(crate) status: DeliveryStatus,
    pub(crate) error: Option<&'static str>,
}

/// Puts it in; `false` when the webhook has been handed this event before.
pub(crate) async fn insert_delivery(tx: &mut Tx, new: &NewDelivery<'_>) -> Result<bool, DbError> {
    let now = tx.now();
    let pending = new.status == DeliveryStatus::Pending;
    let put = sql_query(
        "INSERT INTO webhook_deliveries (id, webhook_id, event_id, event, payload, status, error, next_attempt_at, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) \
         ON CONFLICT (tenant_id, webhook_id, event_id) WHERE replay_of IS NULL DO NOTHING",
    );
    let put = put
        .bind::<SqlUuid, _>(new.id)
        .bind::<SqlUuid, _>(new.webhook)
        .bind::<SqlUuid, _>(new.event_id)
        .bind::<Text, _>(new.event.to_owned())
        .bind::<Text, _>(new.payload.to_owned())
        .bind::<Text, _>(new.status.as_str())
        .bind::<Nullable<Text>, _>(new.error)
        .bind::<Nullable<Timestamptz>, _>(pending.then_some(now))
        .bind::<Timestamptz, _>(now);
    Ok(cached(put).execute(tx).await? == 1)
}

/// Puts in a delivery of what another one carried; `None` when there is no such one of this webhook.
pub(crate) async fn repeat(
    tx: &mut Tx,
    webhook: WebhookId,
    original: DeliveryId,
    id: DeliveryId,
) -> Result<Option<WebhookDelivery>, DbError> {
    let now = tx.now();
    let put = sql_query(
        "INSERT INTO webhook_deliveries (id, webhook_id, event_id, event, payload, status, next_attempt_at, replay_of, created_at, updated_at) \
         SELECT $1, webhook_id, event_id, event, payload, 'pending', $2, id, $2, $2 \
           FROM webhook_deliveries WHERE id = $3 AND webhook_id = $4 AND payload <> '' \
         RETURNING *",
    );
    let put = put
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(original)
        .bind::<SqlUuid, _>(webhook);
    let row: Option<DeliveryRow> = cached(put).get_result(tx).await.optional()?;
    Ok(row.map(WebhookDelivery::from))
}

type Deliveries<'a> = webhook_deliveries::BoxedQuery<'a, Pg>;

fn chosen(webhook: WebhookId, filter: &DeliveryFilter) -> Deliveries<'_> {
    let mut query = webhook_deliveries::table.into_boxed().filter(webhook_deliveries::webhook_id.eq(webhook));
    if let Some(status) = filter.status {
        query = query.filter(webhook_deliveries::status.eq(status.as_str()));
    }
    if let Some(event) = &filter.event {
        query = query.filter(webhook_deliveries::event.eq(event));
    }
    query
}

/// Deliveries of a webhook, the newest first.
pub(crate) async fn list_deliveries(
    tx: &mut Tx,
    webhook: WebhookId,
    filter: &DeliveryFilter,
    after: Option<DeliveryId>,
    limit: Limit,
) -> Result<Vec<WebhookDelivery>, DbError> {
    let mut query = chosen(webhook, filter);
    if let Some(after) = after {
        query = query.filter(webhook_deliveries::id.lt(after));
    }
    let rows: Vec<DeliveryRow> = query
        .order(webhook_deliveries::id.desc())
        .limit(limit.probe())
        .select(DeliveryRow::as_select())
        .load(tx)
        .await?;
    Ok(rows.into_iter().map(WebhookDelivery::from).collect())
}

/// How many there are.
pub(crate) async fn count_deliveries(
    tx: &mut Tx,
    webhook: WebhookId,
    filter: &DeliveryFilter,
) -> Result<i64, DbError> {
    Ok(chosen(webhook, filter).select(count_star()).first(tx).await?)
}

#[derive(QueryableByName)]
struct DueRow {
    #[diesel(sql_type = SqlUuid)]
    webhook: WebhookId,
    #[diesel(sql_type = SqlUuid)]
    event_id: Uuid,
    #[diesel(sql_type = Text)]
    payload: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Text)]
    url: String,
    #[diesel(sql_type = Bool)]
    paused: bool,
    #[diesel(sql_type = Bool)]
    failing: bool,
    #[diesel(sql_type = Bytea)]
    secret: Vec<u8>,
    #[diesel(sql_type = Nullable<Bytea>)]
    former_secret: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    former_until: Option<Timestamp>,
}

/// A delivery with what sending it needs.
pub(crate) struct Due {
    pub(crate) webhook: WebhookId,
    pub(crate) event_id: Uuid,
    pub(crate) payload: String,
    pub(crate) status: DeliveryStatus,
    pub(crate) url: String,
    pub(crate) paused: bool,
    pub(crate) failing: bool,
    pub(crate) secret: Vec<u8>,
    pub(crate) former_secret: Option<Vec<u8>>,
    pub(crate) former_until: Option<Timestamp>,
}

/// What is due; `None` when the webhook or the delivery is gone.
pub(crate) async fn due(tx: &mut Tx, id: DeliveryId) -> Result<Option<Due>, DbError> {
    let query = sql_query(
        "SELECT d.webhook_id AS webhook, d.event_id, d.payload, d.status, w.url, w.paused_at IS NOT NULL AS paused, \
                w.failures > 0 AS failing, w.secret, w.former_secret, w.former_until \
           FROM webhook_deliveries d JOIN webhooks w ON w.tenant_id = d.tenant_id AND w.id = d.webhook_id WHERE d.id = $1",
    );
    let row: Option<DueRow> = cached(query.bind::<SqlUuid, _>(id)).get_result(tx).await.optional()?;
    Ok(row.map(|row| Due {
        webhook: row.webhook,
        event_id: row.event_id,
        payload: row.payload,
        status: DeliveryStatus::of_name(&row.status).unwrap_or(DeliveryStatus::Failed),
        url: row.url,
        paused: row.paused,
        failing: row.failing,
        secret: row.secret,
        former_secret: row.former_secret,
        former_until: row.former_until,
    }))
}

/// How an attempt went.
#[derive(AsChangeset)]
#[diesel(table_name = webhook_deliveries, treat_none_as_null = true)]
pub(crate) struct AttemptRow {
    pub(crate) status: &'static str,
    pub(crate) next_attempt_at: Option<Timestamp>,
    pub(crate) last_attempt_at: Timestamp,
    pub(crate) response_code: Option<i32>,
    pub(crate) response_body: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) duration_ms: i32,
}

/// Writes down an attempt, unless another worker has seen the delivery to its end meanwhile. Deferred.
pub(crate) fn record_attempt(tx: &mut Tx, id: DeliveryId, attempt: AttemptRow) {
    use webhook_deliveries as t;
    let pending = t::table.filter(t::id.eq(id).and(t::status.eq(DeliveryStatus::Pending.as_str())));
    let noted =
        diesel::update(pending).set((attempt, t::attempts.eq(t::attempts + 1), t::updated_at.eq(tx.now())));
    tx.defer(cached(noted));
}

/// Notes that a delivery is not sent because its webhook is paused. Deferred.
pub(crate) fn skip(tx: &mut Tx, id: DeliveryId) {
    let skipped = sql_query(
        "UPDATE webhook_deliveries SET status = 'skipped', next_attempt_at = NULL, error = 'the webhook is paused', updated_at = $2 \
          WHERE id = $1 AND status = 'pending'",
    );
    let skipped = skipped.bind::<SqlUuid, _>(id).bind::<Timestamptz, _>(tx.now());
    tx.defer(cached(skipped));
}

/// The webhook took something. Deferred.
pub(crate) fn forget_failures(tx: &mut Tx, id: WebhookId) {
    let forgotten =
        sql_query("UPDATE webhooks SET failures = 0, failing_since = NULL WHERE id = $1 AND failures > 0");
    tx.defer(cached(forgotten.bind::<SqlUuid, _>(id)));
}

/// Counts a failure and answers the webhook as it is then.
pub(crate) async fn note_failure(tx: &mut Tx, id: WebhookId) -> Result<Option<Webhook>, DbError> {
    let noted = sql_query(
        "UPDATE webhooks SET failures = failures + 1, failing_since = coalesce(failing_since, $2) WHERE id = $1 RETURNING *",
    );
    let noted = noted.bind::<SqlUuid, _>(id).bind::<Timestamptz, _>(tx.now());
    let row: Option<WebhookRow> = cached(noted).get_result(tx).await.optional()?;
    Ok(row.map(Webhook::from))
}

/// Removes at most `most` deliveries that are older than `oldest`; answers how many.
pub(crate) async fn remove_deliveries(tx: &mut Tx, oldest: Uuid, most: i64) -> Result<usize, DbError> {
    let removed = sql_query(
        "DELETE FROM webhook_deliveries WHERE (tenant_id, id) IN \
         (SELECT tenant_id, id FROM webhook_deliveries WHERE id < $1 ORDER BY id LIMIT $2)",
    );
    let removed = removed.bind::<SqlUuid, _>(oldest).bind::<BigInt, _>(most);
    Ok(cached(removed).execute(tx).await?)
}
