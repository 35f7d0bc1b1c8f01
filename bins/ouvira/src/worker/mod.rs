//! The one way of doing work in the background: events of the outbox, at least once, in the right tenant.
//!
//! A worker takes a few due events of each tenant under a lease, hands each to the handlers of its topic as a job of that
//! tenant, and marks it done, due again after a pause, or dead. Any number of workers may run: the lease is a row lock
//! that others skip. What is done by the clock is in [`schedules`](schedules()).

mod backlog;
mod drain;
mod every_tenant;
mod follow_sms;
mod handlers;
mod lease;
mod message_log;
mod outbox;
mod runner;
mod schedule;
mod schedules;
mod sealing;
mod storage;
mod turns;

use std::{
    collections::{HashMap, HashSet},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::FutureExt as _;
use ouvira_common::{
    context::{Origin, Pass, RequestContext},
    db::Endpoint,
    id::TenantId,
    outbox::{Delivery, HandlerError, OutboxHandler},
    ports::{ResolveError, TenantName, TenantResolver},
    principal::Principal,
    tenant::Tenant,
    time::Clock,
};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{Instant, timeout},
};

pub(crate) use backlog::{Backlog, watch_backlog};
pub(crate) use follow_sms::FollowSms;
pub(crate) use handlers::SendMessages;
pub(crate) use message_log::MessageLog;
pub(crate) use runner::Runner;
pub(crate) use schedule::{Hands, Schedule, Times};
pub(crate) use schedules::all as schedules;
pub(crate) use sealing::Logs;
pub(crate) use storage::{Storage, Watched};

use self::{
    drain::Drain,
    outbox::{Lane, Outbox, Taken},
};
use crate::hints::{Channel, Listener};

/// How long the common database may go without a look when no hint arrives.
const LOOK: Duration = Duration::from_secs(1);
/// How often all own databases are looked at, whatever hints say.
const SWEEP: Duration = Duration::from_mins(1);
/// How often what was done long ago is removed from an outbox.
const TIDY: Duration = Duration::from_mins(10);
/// Own databases that are worked through side by side, in a lane.
const OWN_AT_ONCE: usize = 8;

/// How long the handlers of an event may take: less than its lease.
const HANDLING: Duration = Duration::from_secs(50);

/// A lane of a database's outbox; the common one has no name.
type Place = (Option<String>, Lane);

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
    handlers: HashMap<&'static str, Vec<Arc<dyn OutboxHandler>>>,
    clock: Arc<dyn Clock>,
    /// The common outbox, a connection a lane.
    common: Mutex<HashMap<Lane, Outbox>>,
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
        let mut by_topic: HashMap<&'static str, Vec<_>> = HashMap::new();
        for handler in handlers {
            for topic in handler.topics() {
                by_topic.entry(topic).or_default().push(Arc::clone(&handler));
            }
        }
        Self { endpoint, tenants, databases, handlers: by_topic, clock, common: Mutex::default() }
    }

    /// Runs until `stop` says so; what is being handled is finished first.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>) {
        let this = Arc::new(self);
        let mut hints = Listener::start(this.endpoint.clone(), Channel::Outbox);
        let mut looks = JoinSet::new();
        // What is looked at just now; what is to be looked at as soon as it is not.
        let mut busy: HashSet<Place> = HashSet::new();
        let mut waiting: HashSet<Place> = HashSet::new();
        let own: HashMap<Lane, Arc<Semaphore>> =
            Lane::ALL.map(|lane| (lane, Arc::new(Semaphore::new(OWN_AT_ONCE)))).into();
        let mut tidied: HashMap<Option<String>, Instant> = HashMap::new();
        let (mut next_look, mut next_sweep) = (Instant::now(), Instant::now());
        while !*stop.borrow() {
            let mut databases: HashSet<Option<String>> = hints
                .take()
                .into_iter()
                .map(|database| Some(database).filter(|name| !name.is_empty()))
                .collect();
            if Instant::now() >= next_look {
                next_look = Instant::now() + LOOK;
                databases.insert(None);
            }
            if Instant::now() >= next_sweep {
                next_sweep = Instant::now() + SWEEP;
                match this.databases.names().await {
                    Ok(names) => databases.extend(names.into_iter().map(Some)),
                    Err(error) => tracing::warn!(%error, "the own databases cannot be listed"),
                }
            }
            waiting.extend(databases.into_iter().flat_map(|name| Lane::ALL.map(|lane| (name.clone(), lane))));
            let ready: Vec<Place> = waiting.difference(&busy).cloned().collect();
            for place in ready {
                waiting.remove(&place);
                busy.insert(place.clone());
                let last = tidied.entry(place.0.clone()).or_insert_with(Instant::now);
                let tidy = place.1 == Lane::Prompt && last.elapsed() >= TIDY;
                if tidy {
                    *last = Instant::now();
                }
                let (this, own, stop) = (Arc::clone(&this), Arc::clone(&own[&place.1]), stop.clone());
                looks.spawn(async move {
                    let permit = match &place.0 {
                        Some(_) => own.acquire_owned().await.ok(),
                        None => None,
                    };
                    let left = this.look(&place, tidy, stop).await;
                    drop(permit);
                    (place, left)
                });
            }
            tokio::select! {
                Some(looked) = looks.join_next(), if !looks.is_empty() => match looked {
                    Ok((place, left)) => {
                        busy.remove(&place);
                        if left {
                            waiting.insert(place);
                        }
                    }
                    Err(error) => tracing::error!(%error, "a look at an outbox ended badly"),
                },
                () = hints.arrive() => {}
                () = tokio::time::sleep_until(next_look) => {}
                _ = stop.changed() => {}
            }
        }
        while looks.join_next().await.is_some() {}
    }

    /// Handles what is due in one lane of one outbox; answers whether something may be left. The connection to the common
    /// one is kept, those to own databases are not: there may be thousands.
    async fn look(self: &Arc<Self>, place: &Place, tidy: bool, stop: watch::Receiver<bool>) -> bool {
        let (database, lane) = place;
        let kept = || self.common.lock().unwrap_or_else(PoisonError::into_inner);
        let outbox = if database.is_none() { kept().remove(lane) } else { None };
        let outbox = outbox.unwrap_or_else(|| Outbox::new(self.endpoint.clone(), database.clone()));
        match Drain::new(Arc::clone(self), outbox, *lane).run(tidy, stop).await {
            Ok((outbox, left)) => {
                if database.is_none() {
                    kept().insert(*lane, outbox);
                }
                left
            }
            Err(error) => {
                tracing::warn!(%error, database = database.as_deref().unwrap_or("common"), "an outbox cannot be read");
                false
            }
        }
    }

    /// Hands an event to its handlers, one after the other. One that panics, or takes as long as the lease, has failed.
    async fn handle(&self, event: &Taken) -> Result<(), HandlerError> {
        let handled = AssertUnwindSafe(self.hand_over(event)).catch_unwind();
        match timeout(HANDLING, handled).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(HandlerError::Transient("its handler panicked".to_owned())),
            Err(_) => Err(HandlerError::Transient("it took too long".to_owned())),
        }
    }

    async fn hand_over(&self, event: &Taken) -> Result<(), HandlerError> {
        // Nobody subscribed to it.
        let Some(handlers) = self.handlers.get(event.topic.as_str()) else { return Ok(()) };
        let tenant =
            self.tenant(event.tenant).await.map_err(|error| HandlerError::Transient(error.to_string()))?;
        let origin = Origin { request_id: event.request_id.clone().unwrap_or_default(), ..Origin::default() };
        let ctx =
            RequestContext::new(tenant, Principal::SYSTEM, Pass::Job(event.id), origin, self.clock.now());
        let delivery = Delivery {
            id: event.id,
            topic: event.topic.clone(),
            payload: event.payload.clone(),
            attempt: u32::try_from(event.attempts).unwrap_or(u32::MAX),
        };
        for handler in handlers {
            handler.handle(&ctx, &delivery).await?;
        }
        Ok(())
    }

    /// The first events of a tenant are committed a moment before the catalog lists it: what nobody knows yet is tried again.
    async fn tenant(&self, id: TenantId) -> Result<Arc<Tenant>, ResolveError> {
        match self.tenants.resolve(TenantName::Id(id)).await {
            Err(ResolveError::NotFound) => self.tenants.resolve_anew(id).await,
            found => found,
        }
    }
}
