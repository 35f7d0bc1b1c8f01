//! How much waits in the outboxes, and for how long: for metrics.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Double},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use ouvira_common::db::{Endpoint, connect};
use tokio::{sync::watch, time::timeout};

use super::OwnDatabases;
use crate::telemetry::{Kind, Text};

/// How often the common outbox is looked at.
const OFTEN: Duration = Duration::from_secs(15);
/// Looks at it between two looks at all own databases.
const SELDOM: u32 = 8;
/// Beyond this many nobody needs to know how many.
const COUNTED: i64 = 100_000;

const LOOK: &str = "
    SELECT (SELECT count(*) FROM (SELECT FROM ouvira_core.outbox WHERE done_at IS NULL AND dead_at IS NULL LIMIT $1) w) AS waiting,
           (SELECT count(*) FROM (SELECT FROM ouvira_core.outbox WHERE done_at IS NULL AND dead_at IS NOT NULL LIMIT $1) d) AS dead,
           coalesce((SELECT greatest(0, extract(epoch FROM now() - min(created_at))) FROM ouvira_core.outbox
                      WHERE done_at IS NULL AND dead_at IS NULL), 0)::float8 AS oldest";

/// What waits in one outbox, or several.
#[derive(Debug, Clone, Copy, Default, QueryableByName)]
struct Standing {
    #[diesel(sql_type = BigInt)]
    waiting: i64,
    #[diesel(sql_type = BigInt)]
    dead: i64,
    /// Age in seconds.
    #[diesel(sql_type = Double)]
    oldest: f64,
}

/// What waits, as it was last seen. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Backlog(Arc<Mutex<[Standing; 2]>>);

/// The outboxes by where they are.
const DATABASES: [&str; 2] = ["common", "own"];

impl Backlog {
    fn note(&self, place: usize, seen: Standing) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)[place] = seen;
    }

    /// Writes what waits.
    pub(crate) fn write(&self, text: &mut Text) {
        let seen = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = "ouvira_outbox_events";
        text.metric(name, Kind::Gauge, "Events that wait, and events that were given up.");
        for (database, Standing { waiting, dead, .. }) in DATABASES.iter().zip(seen) {
            text.value(name, &[("database", database), ("state", "waiting")], waiting);
            text.value(name, &[("database", database), ("state", "dead")], dead);
        }
        let name = "ouvira_outbox_oldest_seconds";
        text.metric(name, Kind::Gauge, "How long the oldest event has been waiting.");
        for (database, Standing { oldest, .. }) in DATABASES.iter().zip(seen) {
            text.value(name, &[("database", database)], oldest);
        }
    }
}

/// Looks at the outboxes as the role of `endpoint`, now and then, until told to stop.
pub(crate) async fn watch_backlog(
    endpoint: Endpoint,
    databases: impl OwnDatabases,
    backlog: Backlog,
    mut stop: watch::Receiver<bool>,
) {
    let mut common = None;
    for round in 0_u32.. {
        match look(&endpoint, None, &mut common).await {
            Ok(seen) => backlog.note(0, seen),
            Err(error) => tracing::warn!(error, "the outbox cannot be looked at"),
        }
        if round % SELDOM == 0 {
            let mut all = Standing::default();
            for database in databases.names().await.unwrap_or_default() {
                let Ok(seen) = look(&endpoint, Some(&database), &mut None).await else { continue };
                all.waiting += seen.waiting;
                all.dead += seen.dead;
                all.oldest = all.oldest.max(seen.oldest);
            }
            backlog.note(1, all);
        }
        if *stop.borrow() || timeout(OFTEN, stop.changed()).await.is_ok() {
            return;
        }
    }
}

/// Looks once, on `conn` or a new connection in its place.
async fn look(
    endpoint: &Endpoint,
    database: Option<&str>,
    conn: &mut Option<AsyncPgConnection>,
) -> Result<Standing, String> {
    let mut open = match conn.take() {
        Some(open) => open,
        None => connect(endpoint, database).await.map_err(|error| error.to_string())?,
    };
    let seen = sql_query(LOOK).bind::<BigInt, _>(COUNTED).get_result(&mut open).await;
    let seen = seen.map_err(|error| error.to_string())?;
    *conn = Some(open);
    Ok(seen)
}
