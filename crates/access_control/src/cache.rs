//! Snapshots kept in the process. Nothing here has to be right: the gate says whether a snapshot still is.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, Mutex, PoisonError},
};

use ouvira_common::id::{TenantId, UserId};

use crate::decision::Snapshot;

type Key = (TenantId, UserId);

/// Locks that requests share; a request holds one for a lookup.
const SHARDS: usize = 16;

/// Of how many tenants it is remembered that their snapshots ended; then all of it is forgotten.
const ENDED: usize = 4_096;

/// Two generations: lookups bring what they find into the young one, and when that is full it becomes the old one, and
/// what nobody looked up for a whole generation is gone.
#[derive(Default)]
struct Shard {
    young: HashMap<Key, Arc<Snapshot>>,
    old: HashMap<Key, Arc<Snapshot>>,
    weight: usize,
    /// The epoch before which a tenant's snapshots are over, as far as this process has ended them itself.
    ended: HashMap<TenantId, i64>,
}

/// A bounded cache of snapshots.
pub(crate) struct Cache {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
    capacity: usize,
}

impl Cache {
    /// Room for `capacity` companies of all snapshots together, twice that at most.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { shards: Default::default(), hasher: RandomState::new(), capacity: capacity.div_ceil(SHARDS) }
    }

    pub(crate) fn get(&self, key: Key) -> Option<Arc<Snapshot>> {
        let mut shard = self.shard(&key);
        if let Some(snapshot) = shard.young.get(&key) {
            return shard.lasts(&key, snapshot).then(|| Arc::clone(snapshot));
        }
        let snapshot = shard.old.remove(&key).filter(|snapshot| shard.lasts(&key, snapshot))?;
        shard.put(key, Arc::clone(&snapshot), self.capacity);
        Some(snapshot)
    }

    pub(crate) fn put(&self, key: Key, snapshot: Arc<Snapshot>) {
        let mut shard = self.shard(&key);
        shard.old.remove(&key);
        // What was just loaded says where the epoch stands, should it ever have gone back.
        if !shard.lasts(&key, &snapshot) {
            shard.ended.remove(&key.0);
        }
        shard.put(key, snapshot, self.capacity);
    }

    /// Drops that snapshot.
    pub(crate) fn forget(&self, key: Key) {
        let mut shard = self.shard(&key);
        shard.old.remove(&key);
        if let Some(forgotten) = shard.young.remove(&key) {
            shard.weight -= forgotten.weight();
        }
    }

    /// No snapshot of `tenant` from before `epoch` is found from here on.
    pub(crate) fn end_before(&self, tenant: TenantId, epoch: i64) {
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            if shard.ended.len() >= ENDED {
                shard.ended.clear();
            }
            shard.ended.insert(tenant, epoch);
        }
    }

    /// How many snapshots there are.
    pub(crate) fn len(&self) -> usize {
        let shards = self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner));
        shards.map(|shard| shard.young.len() + shard.old.len()).sum()
    }

    fn shard(&self, key: &Key) -> std::sync::MutexGuard<'_, Shard> {
        let place = usize::try_from(self.hasher.hash_one(key) % SHARDS as u64).expect("there are few shards");
        self.shards[place].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shard {
    fn lasts(&self, key: &Key, snapshot: &Snapshot) -> bool {
        self.ended.get(&key.0).is_none_or(|epoch| snapshot.version().epoch >= *epoch)
    }

    fn put(&mut self, key: Key, snapshot: Arc<Snapshot>, capacity: usize) {
        self.weight += snapshot.weight();
        if let Some(replaced) = self.young.insert(key, snapshot) {
            self.weight -= replaced.weight();
        }
        if self.weight > capacity {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use ouvira_common::db::RightsVersion;
    use uuid::Uuid;

    use super::*;
    use crate::decision::Facts;

    fn key(number: u128) -> Key {
        (TenantId(Uuid::nil()), UserId(Uuid::from_u128(number)))
    }

    fn snapshot(version: i64) -> Arc<Snapshot> {
        Arc::new(Snapshot::of(&Facts::default(), RightsVersion { epoch: 1, version }))
    }

    #[test]
    fn the_latest_is_what_is_found() {
        let cache = Cache::new(100);
        assert!(cache.get(key(1)).is_none());
        cache.put(key(1), snapshot(1));
        cache.put(key(1), snapshot(2));
        assert_eq!(cache.get(key(1)).map(|found| found.version().version), Some(2));
        assert!(
            cache.get((TenantId(Uuid::from_u128(9)), key(1).1)).is_none(),
            "another tenant's user of the same id"
        );
    }

    #[test]
    fn what_ended_is_not_found_and_what_comes_after_is() {
        let cache = Cache::new(100);
        cache.put(key(1), snapshot(1));
        cache.put(key(2), snapshot(1));
        cache.forget(key(1));
        assert!(cache.get(key(1)).is_none());
        assert!(cache.get(key(2)).is_some(), "somebody else's");
        cache.end_before(TenantId(Uuid::from_u128(9)), 2);
        assert!(cache.get(key(2)).is_some(), "another tenant's end");
        cache.end_before(key(2).0, 2);
        assert!(cache.get(key(2)).is_none());
        let later = Snapshot::of(&Facts::default(), RightsVersion { epoch: 2, version: 1 });
        cache.put(key(2), Arc::new(later));
        assert!(cache.get(key(2)).is_some());
        cache.put(key(2), snapshot(1));
        assert!(cache.get(key(2)).is_some(), "an epoch that went back is gone by");
    }

    #[test]
    fn it_stays_within_its_bounds_and_keeps_what_is_used() {
        let cache = Cache::new(16 * 20);
        for number in 0..10_000 {
            cache.put(key(number), snapshot(1));
            assert!(cache.get(key(0)).is_some(), "looked up again and again");
        }
        let kept = (0..10_000).filter(|number| cache.get(key(*number)).is_some()).count();
        assert!((10..=16 * 42).contains(&kept), "{kept}");
    }
}
