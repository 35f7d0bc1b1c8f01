//! The one way of doing work in the background: events of the outbox, at least once, in the right tenant.
//!
//! A worker takes a few due events of each tenant under a lease, hands each to the handler of its topic as a job of that
//! tenant, and marks it done, due again after a pause, or dead. Any number of workers may run: the lease is a row lock
//! that others skip.

mod backlog;
mod every_tenant;
mod handlers;
mod lease;
mod outbox;
mod runner;
mod schedule;
mod schedules;
mod sealing;
mod turns;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use futures_util::{StreamExt as _, stream};
use ouvira_common::{
    context::{Origin, Pass, RequestContext},
    db::Endpoint,
    outbox::{Delivery, HandlerError, OutboxHandler},
    ports::{ResolveError, TenantName, TenantResolver},
    principal::Principal,
    time::Clock,
};
use tokio::{sync::watch, time::Instant};

pub(crate) use backlog::{Backlog, watch_backlog};
pub(crate) use handlers::SendMessages;
pub(crate) use runner::Runner;
pub(crate) use schedule::{Hands, Schedule, Times};
pub(crate) use schedules::all as schedules;
pub(crate) use sealing::Logs;

use self::outbox::{Outbox, Taken};
use crate::hints::{Channel, Listener};

/// How long the common database may go without a look when no hint arrives.
const LOOK: Duration = Duration::from_secs(1);
/// How often all own databases are looked at, whatever hints say.
const SWEEP: Duration = Duration::from_mins(1);
/// How many events are handled side by side.
const PARALLEL: usize = 16;

/// Names the tenants' own databases.
#[async_trait::async_trait]
pub(crate) trait OwnDatabases: Send + Sync {
    /// All of them.
    async fn names(&self) -> Result<Vec<String>, String>;
}

/// Handles events until told to stop.
pub(crate) struct Worker {
    endpoint: Endpoint,
    tenants: Arc<dyn TenantResolver>,
    databases: Arc<dyn OwnDatabases>,
    handlers: HashMap<&'static str, Arc<dyn OutboxHandler>>,
    clock: Arc<dyn Clock>,
}

impl Worker {
    /// A worker that reads outboxes as the role of `endpoint` and handles topics with `handlers`.
    pub(crate) fn new(
        endpoint: Endpoint,
        tenants: Arc<dyn TenantResolver>,
        databases: Arc<dyn OwnDatabases>,
        handlers: Vec<Arc<dyn OutboxHandler>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let by_topic = |handler: Arc<dyn OutboxHandler>| {
            handler.topics().iter().map(move |topic| (*topic, Arc::clone(&handler))).collect::<Vec<_>>()
        };
        Self {
            endpoint,
            tenants,
            databases,
            handlers: handlers.into_iter().flat_map(by_topic).collect(),
            clock,
        }
    }

    /// Runs until `stop` says so; what is being handled is finished first.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut hints = Listener::start(self.endpoint.clone(), Channel::Outbox);
        let mut outboxes: HashMap<Option<String>, Outbox> = HashMap::new();
        let mut next_sweep = Instant::now();
        while !*stop.borrow() {
            let mut due: HashSet<Option<String>> = hints
                .take()
                .into_iter()
                .map(|database| Some(database).filter(|name| !name.is_empty()))
                .collect();
            due.insert(None);
            if Instant::now() >= next_sweep {
                next_sweep = Instant::now() + SWEEP;
                match self.databases.names().await {
                    Ok(names) => due.extend(names.into_iter().map(Some)),
                    Err(error) => tracing::warn!(%error, "the own databases cannot be listed"),
                }
            }
            for database in due {
                let outbox = outboxes
                    .entry(database.clone())
                    .or_insert_with(|| Outbox::new(self.endpoint.clone(), database.clone()));
                if let Err(error) = self.drain(outbox, &stop).await {
                    tracing::warn!(%error, database = database.as_deref().unwrap_or("common"), "an outbox cannot be read");
                    outboxes.remove(&database);
                }
            }
            tokio::select! {
                () = hints.arrive() => {}
                () = tokio::time::sleep(LOOK) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Handles what is due in one outbox until nothing is.
    async fn drain(&self, outbox: &mut Outbox, stop: &watch::Receiver<bool>) -> Result<(), String> {
        while !*stop.borrow() {
            let taken = outbox.take().await?;
            if taken.is_empty() {
                return outbox.tidy().await;
            }
            let outcomes: Vec<_> = stream::iter(taken)
                .map(async |event| {
                    let outcome = self.handle(&event).await;
                    (event, outcome)
                })
                .buffer_unordered(PARALLEL)
                .collect()
                .await;
            for (event, outcome) in outcomes {
                outbox.settle(&event, outcome).await?;
            }
        }
        Ok(())
    }

    async fn handle(&self, event: &Taken) -> Result<(), HandlerError> {
        // Nobody subscribed to it.
        let Some(handler) = self.handlers.get(event.topic.as_str()) else { return Ok(()) };
        let tenant = match self.tenants.resolve(TenantName::Id(event.tenant)).await {
            Ok(tenant) => tenant,
            Err(ResolveError::NotFound) => {
                return Err(HandlerError::Permanent("the tenant is gone".to_owned()));
            }
            Err(ResolveError::Unavailable(reason)) => return Err(HandlerError::Transient(reason)),
        };
        let origin = Origin { request_id: event.request_id.clone().unwrap_or_default(), ..Origin::default() };
        let ctx =
            RequestContext::new(tenant, Principal::SYSTEM, Pass::Job(event.id), origin, self.clock.now());
        let delivery = Delivery {
            id: event.id,
            topic: event.topic.clone(),
            payload: event.payload.clone(),
            attempt: u32::try_from(event.attempts).unwrap_or(u32::MAX),
        };
        handler.handle(&ctx, &delivery).await
    }
}
