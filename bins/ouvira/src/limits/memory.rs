//! What everybody has done, as this process knows it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use ouvira_common::time::Clock;

use super::store::{LimitStore, Subject, Take, Taken};

/// Parts of the map, each with a lock of its own.
const SHARDS: usize = 64;
/// Most entries of a part: some 250,000 subjects in all, in about 10 MB.
const CAPACITY: usize = 4096;
/// Entries below which looking for those that expired is not worth it.
const FEW: usize = 64;

/// A store in the memory of the process.
pub(super) struct Memory {
    shards: Box<[Mutex<Shard>]>,
    clock: Arc<dyn Clock>,
}

/// For each subject the microsecond of the Unix epoch when all of its quota is there again.
struct Shard {
    full_at: HashMap<Subject, u64>,
    /// How many entries there may be until the expired ones are looked for.
    sweep_at: usize,
}

impl Memory {
    /// An empty store.
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let shard = || Mutex::new(Shard { full_at: HashMap::new(), sweep_at: FEW });
        Self { shards: (0..SHARDS).map(|_| shard()).collect(), clock }
    }

    /// Takes one of each, or nothing.
    pub(super) fn take(&self, takes: &[Take]) -> Taken {
        let now = u64::try_from(self.clock.now().timestamp_micros()).unwrap_or_default();
        let parts: Vec<usize> = takes.iter().map(|take| usize::from(take.subject.0[0]) % SHARDS).collect();
        // Always in the order of the parts, so that two never wait for each other.
        let mut order = parts.clone();
        order.sort_unstable();
        order.dedup();
        let mut locked: Vec<MutexGuard<'_, Shard>> = order
            .iter()
            .map(|part| self.shards[*part].lock().unwrap_or_else(PoisonError::into_inner))
            .collect();
        let place = |part: &usize| order.binary_search(part).expect("every part is in its order");

        let ahead: Vec<u64> = takes
            .iter()
            .zip(&parts)
            .map(|(take, part)| {
                locked[place(part)].full_at.get(&take.subject).map_or(0, |at| at.saturating_sub(now))
            })
            .collect();
        let outcome = Taken::of(takes, ahead);
        if outcome.admitted {
            for ((take, part), standing) in takes.iter().zip(&parts).zip(&outcome.standings) {
                locked[place(part)].keep(take.subject, now + standing.ahead, now);
            }
        }
        outcome
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap().full_at.len()).sum()
    }
}

impl Shard {
    fn keep(&mut self, subject: Subject, at: u64, now: u64) {
        if self.full_at.len() >= self.sweep_at && !self.full_at.contains_key(&subject) {
            self.make_room(now);
        }
        self.full_at.insert(subject, at);
    }

    /// Forgets who has all of their quota. Where that is nobody, the half that soonest will: they lose the least.
    fn make_room(&mut self, now: u64) {
        self.full_at.retain(|_, at| *at > now);
        if self.full_at.len() >= CAPACITY {
            let mut instants: Vec<u64> = self.full_at.values().copied().collect();
            let middle = instants.len() / 2;
            let (_, median, _) = instants.select_nth_unstable(middle);
            let median = *median;
            self.full_at.retain(|_, at| *at > median);
        }
        self.sweep_at = (self.full_at.len() * 2).clamp(FEW, CAPACITY);
    }
}

#[async_trait]
impl LimitStore for Memory {
    async fn take(&self, takes: &[Take]) -> Taken {
        Memory::take(self, takes)
    }

    fn healthy(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
