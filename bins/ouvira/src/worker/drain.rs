//! Working through one lane of one outbox.
//!
//! Events are in hand while their handlers run; each is settled as soon as its own handler is done, and its place given
//! to another, so that one that takes long holds up none. No tenant has more than a few in hand: whoever leaves ten
//! thousand waits for themselves alone.

use std::{collections::HashMap, sync::Arc, time::Duration};

use ouvira_common::{id::TenantId, outbox::HandlerError};
use tokio::{sync::watch, task::JoinSet, time::Instant};

use super::{
    Worker,
    outbox::{Lane, OF_ONE_TENANT, Outbox, Taken},
};

/// After this long others have their turn, however much is left.
const TURN: Duration = Duration::from_mins(1);

/// One turn of it.
pub(super) struct Drain {
    worker: Arc<Worker>,
    outbox: Outbox,
    lane: Lane,
    in_hand: JoinSet<(Taken, Result<(), HandlerError>)>,
    of_tenants: HashMap<TenantId, usize>,
}

impl Drain {
    pub(super) fn new(worker: Arc<Worker>, outbox: Outbox, lane: Lane) -> Self {
        Self { worker, outbox, lane, in_hand: JoinSet::new(), of_tenants: HashMap::new() }
    }

    /// Until nothing is due, the turn is over, or `stop` says so; what is in hand is always finished. Answers the outbox and
    /// whether something may be left.
    pub(super) async fn run(
        mut self,
        tidy: bool,
        stop: watch::Receiver<bool>,
    ) -> Result<(Outbox, bool), String> {
        let until = Instant::now() + TURN;
        let mut failure = None;
        let mut left;
        loop {
            let mut took = 0;
            left = Instant::now() >= until;
            if !left && !*stop.borrow() && failure.is_none() {
                took = self.take().await.unwrap_or_else(|error| {
                    failure = Some(error);
                    0
                });
            }
            // One that is done, and all that are by then; after that another look.
            let Some(done) = self.in_hand.join_next().await else {
                if took == 0 {
                    break;
                }
                continue;
            };
            let mut settled = self.settle(done).await;
            while let Some(done) = self.in_hand.try_join_next() {
                settled = settled.and(self.settle(done).await);
            }
            failure = failure.or(settled.err());
        }
        if tidy && failure.is_none() {
            failure = self.outbox.tidy().await.err();
        }
        match failure {
            None => Ok((self.outbox, left)),
            Some(error) => Err(error),
        }
    }

    /// Takes as many as there is room for; answers how many.
    async fn take(&mut self) -> Result<usize, String> {
        let room = self.lane.slots() - self.in_hand.len();
        // Not for every single place that becomes free.
        if room < self.lane.slots() / 4 {
            return Ok(0);
        }
        let busy: Vec<TenantId> = self
            .of_tenants
            .iter()
            .filter(|(_, in_hand)| **in_hand > OF_ONE_TENANT / 2)
            .map(|(tenant, _)| *tenant)
            .collect();
        let taken = self.outbox.take(self.lane, room, &busy).await?;
        let took = taken.len();
        for event in taken {
            *self.of_tenants.entry(event.tenant).or_default() += 1;
            let worker = Arc::clone(&self.worker);
            self.in_hand.spawn(async move {
                let outcome = worker.handle(&event).await;
                (event, outcome)
            });
        }
        Ok(took)
    }

    async fn settle(
        &mut self,
        done: Result<(Taken, Result<(), HandlerError>), tokio::task::JoinError>,
    ) -> Result<(), String> {
        // Panics are caught before; what else ends a task leaves its event to the end of the lease.
        let Ok((event, outcome)) = done else { return Ok(()) };
        if let Some(in_hand) = self.of_tenants.get_mut(&event.tenant) {
            *in_hand -= 1;
            if *in_hand == 0 {
                self.of_tenants.remove(&event.tenant);
            }
        }
        let settled = self.outbox.settle(&event, outcome).await;
        if settled.is_err() {
            // The next one gets a connection that may be better; this one is tried again when its lease is over.
            self.outbox.reconnect();
        }
        settled
    }
}
