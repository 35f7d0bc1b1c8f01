//! One database's outbox, as the worker's role sees it.

use std::time::Duration;

use diesel::{
    QueryResult, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Double, Integer, Jsonb, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use ouvira_common::{
    db::{Endpoint, cached, connect},
    id::TenantId,
    outbox::HandlerError,
};
use uuid::Uuid;

use super::lease;

/// Events of one tenant in hand at once, in a lane.
pub(super) const OF_ONE_TENANT: usize = 8;
/// How long events that are done are kept, without what was in them.
const KEPT: &str = "7 days";

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

/// Events that are handled side by side. What waits for the servers of tenants' choice has a lane of its own, so that they
/// delay nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Lane {
    /// What we do ourselves, or hand to a provider of ours.
    Prompt,
    /// Webhooks.
    Slow,
}

impl Lane {
    pub(super) const ALL: [Self; 2] = [Self::Prompt, Self::Slow];

    /// The name in the table.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Slow => "slow",
        }
    }

    /// Events in hand at once, of one database.
    pub(super) const fn slots(self) -> usize {
        match self {
            Self::Prompt => 32,
            Self::Slow => 128,
        }
    }
}

/// An outbox and the connection to it, opened when it is first needed.
pub(super) struct Outbox {
    endpoint: Endpoint,
    database: Option<String>,
    conn: Option<AsyncPgConnection>,
}

/// A few due events of each tenant, tenants in random order: nobody waits behind somebody else's flood.
const TAKE: &str = "
    WITH RECURSIVE waiting AS (
        (SELECT tenant_id FROM ouvira_core.outbox WHERE lane = $4 AND done_at IS NULL AND dead_at IS NULL
          ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT o.tenant_id FROM ouvira_core.outbox o
                 WHERE o.lane = $4 AND o.done_at IS NULL AND o.dead_at IS NULL AND o.tenant_id > waiting.tenant_id
                 ORDER BY o.tenant_id LIMIT 1)
          FROM waiting WHERE waiting.tenant_id IS NOT NULL
    ), due AS (
        SELECT event.id
          FROM (SELECT tenant_id FROM waiting WHERE tenant_id IS NOT NULL AND tenant_id <> ALL ($5) ORDER BY random()) tenant
         CROSS JOIN LATERAL (
            SELECT o.id FROM ouvira_core.outbox o
             WHERE o.lane = $4 AND o.tenant_id = tenant.tenant_id AND o.done_at IS NULL AND o.dead_at IS NULL AND o.available_at <= now()
             ORDER BY o.available_at LIMIT $1 FOR UPDATE SKIP LOCKED) event
         LIMIT $2
    )
    UPDATE ouvira_core.outbox o
       SET attempts = o.attempts + 1, available_at = now() + make_interval(secs => $3)
      FROM due WHERE o.id = due.id
 RETURNING o.id, o.tenant_id AS tenant, o.topic, o.payload, o.request_id, o.attempts";

impl Outbox {
    pub(super) fn new(endpoint: Endpoint, database: Option<String>) -> Self {
        Self { endpoint, database, conn: None }
    }

    /// Forgets the connection: the next statement opens another.
    pub(super) fn reconnect(&mut self) {
        self.conn = None;
    }

    async fn conn(&mut self) -> Result<&mut AsyncPgConnection, String> {
        if self.conn.is_none() {
            let conn =
                connect(&self.endpoint, self.database.as_deref()).await.map_err(|error| error.to_string())?;
            self.conn = Some(conn);
        }
        self.conn.as_mut().ok_or_else(|| "no connection".to_owned())
    }

    /// Takes at most `most` due events of that lane, none of them of the tenants that are `busy`; none when nothing is due.
    pub(super) async fn take(
        &mut self,
        lane: Lane,
        most: usize,
        busy: &[TenantId],
    ) -> Result<Vec<Taken>, String> {
        let number = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
        let take = sql_query(TAKE)
            .bind::<Integer, _>(number(OF_ONE_TENANT))
            .bind::<Integer, _>(number(most))
            .bind::<Double, _>(lease::LEASE.as_secs_f64())
            .bind::<Text, _>(lane.as_str())
            .bind::<Array<SqlUuid>, _>(busy);
        cached(take).load(self.conn().await?).await.map_err(|error| error.to_string())
    }

    /// Notes how an event went. What was in it is erased when it is done.
    pub(super) async fn settle(
        &mut self,
        event: &Taken,
        outcome: Result<(), HandlerError>,
    ) -> Result<(), String> {
        let conn = self.conn().await?;
        let noted = match lease::next(u32::try_from(event.attempts).unwrap_or(u32::MAX), outcome) {
            lease::Next::Done => {
                let done = sql_query(
                    "UPDATE ouvira_core.outbox SET done_at = now(), payload = '{}', last_error = NULL WHERE id = $1",
                );
                cached(done.bind::<SqlUuid, _>(event.id)).execute(conn).await
            }
            lease::Next::Again { after, error } => {
                tracing::warn!(topic = event.topic, event = %event.id, attempt = event.attempts, %error, "an event will be tried again");
                put_off(conn, event, after, error).await
            }
            lease::Next::Later { after, state } => put_off(conn, event, after, state).await,
            lease::Next::Dead { error } => {
                tracing::error!(topic = event.topic, event = %event.id, %error, "an event is given up");
                let dead =
                    sql_query("UPDATE ouvira_core.outbox SET dead_at = now(), last_error = $2 WHERE id = $1");
                cached(dead.bind::<SqlUuid, _>(event.id).bind::<Text, _>(error)).execute(conn).await
            }
        };
        noted.map(|_| ()).map_err(|error| error.to_string())
    }

    /// Removes events that were done long ago, and kept answers that have expired, some at a time.
    pub(super) async fn tidy(&mut self) -> Result<(), String> {
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

/// The event is due again `after` a while, and this is why.
async fn put_off(
    conn: &mut AsyncPgConnection,
    event: &Taken,
    after: Duration,
    why: String,
) -> QueryResult<usize> {
    let again = sql_query(
        "UPDATE ouvira_core.outbox SET available_at = now() + make_interval(secs => $2), last_error = $3 WHERE id = $1",
    );
    let again = again.bind::<SqlUuid, _>(event.id).bind::<Double, _>(after.as_secs_f64());
    cached(again.bind::<Text, _>(why)).execute(conn).await
}
