//! One database's outbox, as the worker's role sees it.

use std::time::{Duration, Instant};

use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Integer, Jsonb, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use ouvira_common::{
    db::{Endpoint, cached, connect},
    id::TenantId,
    outbox::HandlerError,
};
use uuid::Uuid;

use super::lease;

/// Events of one tenant taken at once.
const OF_ONE_TENANT: i32 = 10;
/// Events taken at once.
const AT_ONCE: i32 = 100;
/// How long events that are done are kept, without what was in them.
const KEPT: &str = "7 days";
const TIDY: Duration = Duration::from_mins(10);

/// An event under our lease.
#[derive(Debug, QueryableByName)]
pub(super) struct Taken {
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(super) tenant: TenantId,
    #[diesel(sql_type = Text)]
    pub(super) topic: String,
    #[diesel(sql_type = Jsonb)]
    pub(super) payload: serde_json::Value,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) request_id: Option<String>,
    #[diesel(sql_type = Integer)]
    pub(super) attempts: i32,
}

/// An outbox and the connection to it, opened when it is first needed.
pub(super) struct Outbox {
    endpoint: Endpoint,
    database: Option<String>,
    conn: Option<AsyncPgConnection>,
    tidied: Instant,
}

/// A few due events of each tenant, tenants in random order: nobody waits behind somebody else's flood.
const TAKE: &str = "
    WITH RECURSIVE waiting AS (
        (SELECT tenant_id FROM ouvira_core.outbox WHERE done_at IS NULL AND dead_at IS NULL ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT o.tenant_id FROM ouvira_core.outbox o
                 WHERE o.done_at IS NULL AND o.dead_at IS NULL AND o.tenant_id > waiting.tenant_id
                 ORDER BY o.tenant_id LIMIT 1)
          FROM waiting WHERE waiting.tenant_id IS NOT NULL
    ), due AS (
        SELECT event.id
          FROM (SELECT tenant_id FROM waiting WHERE tenant_id IS NOT NULL ORDER BY random()) tenant
         CROSS JOIN LATERAL (
            SELECT o.id FROM ouvira_core.outbox o
             WHERE o.tenant_id = tenant.tenant_id AND o.done_at IS NULL AND o.dead_at IS NULL AND o.available_at <= now()
             ORDER BY o.available_at LIMIT $1 FOR UPDATE SKIP LOCKED) event
         LIMIT $2
    )
    UPDATE ouvira_core.outbox o
       SET attempts = o.attempts + 1, available_at = now() + make_interval(secs => $3)
      FROM due WHERE o.id = due.id
 RETURNING o.id, o.tenant_id AS tenant, o.topic, o.payload, o.request_id, o.attempts";

impl Outbox {
    pub(super) fn new(endpoint: Endpoint, database: Option<String>) -> Self {
        Self { endpoint, database, conn: None, tidied: Instant::now() }
    }

    async fn conn(&mut self) -> Result<&mut AsyncPgConnection, String> {
        if self.conn.is_none() {
            let conn =
                connect(&self.endpoint, self.database.as_deref()).await.map_err(|error| error.to_string())?;
            self.conn = Some(conn);
        }
        self.conn.as_mut().ok_or_else(|| "no connection".to_owned())
    }

    /// Takes due events; none when nothing is due.
    pub(super) async fn take(&mut self) -> Result<Vec<Taken>, String> {
        let take = sql_query(TAKE)
            .bind::<Integer, _>(OF_ONE_TENANT)
            .bind::<Integer, _>(AT_ONCE)
            .bind::<diesel::sql_types::Double, _>(lease::LEASE.as_secs_f64());
        cached(take).load(self.conn().await?).await.map_err(|error| error.to_string())
    }

    /// Notes how an event went. What was in it is erased when it is done.
    pub(super) async fn settle(
        &mut self,
        event: &Taken,
        outcome: Result<(), HandlerError>,
    ) -> Result<(), String> {
        let conn = self.conn().await?;
        let noted = match lease::next(event.attempts, outcome) {
            lease::Next::Done => {
                let done = sql_query(
                    "UPDATE ouvira_core.outbox SET done_at = now(), payload = '{}', last_error = NULL WHERE id = $1",
                );
                cached(done.bind::<SqlUuid, _>(event.id)).execute(conn).await
            }
            lease::Next::Again { after, error } => {
                tracing::warn!(topic = event.topic, event = %event.id, attempt = event.attempts, %error, "an event will be tried again");
                let again = sql_query(
                    "UPDATE ouvira_core.outbox SET available_at = now() + make_interval(secs => $2), last_error = $3 WHERE id = $1",
                );
                let secs = i64::try_from(after.as_secs()).unwrap_or(i64::MAX);
                #[expect(clippy::cast_precision_loss, reason = "pauses are hours at most")]
                let again =
                    again.bind::<SqlUuid, _>(event.id).bind::<diesel::sql_types::Double, _>(secs as f64);
                cached(again.bind::<Text, _>(error)).execute(conn).await
            }
            lease::Next::Dead { error } => {
                tracing::error!(topic = event.topic, event = %event.id, %error, "an event is given up");
                let dead =
                    sql_query("UPDATE ouvira_core.outbox SET dead_at = now(), last_error = $2 WHERE id = $1");
                cached(dead.bind::<SqlUuid, _>(event.id).bind::<Text, _>(error)).execute(conn).await
            }
        };
        noted.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Removes events that were done long ago, and kept answers that have expired, now and then.
    pub(super) async fn tidy(&mut self) -> Result<(), String> {
        if self.tidied.elapsed() < TIDY {
            return Ok(());
        }
        self.tidied = Instant::now();
        let tidy = sql_query(
            "DELETE FROM ouvira_core.outbox WHERE id IN (SELECT id FROM ouvira_core.outbox \
             WHERE done_at < now() - $1::interval ORDER BY done_at LIMIT $2)",
        );
        let tidy = tidy.bind::<Text, _>(KEPT).bind::<BigInt, _>(10_000);
        let expired = sql_query(
            "DELETE FROM ouvira_core.idempotency_keys k \
              USING (SELECT tenant_id, key FROM ouvira_core.idempotency_keys \
                      WHERE expires_at < now() ORDER BY expires_at LIMIT $1) expired \
              WHERE k.tenant_id = expired.tenant_id AND k.key = expired.key",
        );
        let conn = self.conn().await?;
        cached(tidy).execute(conn).await.map_err(|error| error.to_string())?;
        let expired = cached(expired.bind::<BigInt, _>(10_000));
        expired.execute(conn).await.map(|_| ()).map_err(|error| error.to_string())
    }
}
