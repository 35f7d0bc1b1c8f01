//! Who of this node watches a list, and how they are woken.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use ouvira_common::id::{TenantId, UserId};
use tokio::sync::watch;

use super::deliver::StreamHints;

type Reader = (TenantId, UserId);

/// The streams of this node. Cheap to clone; one for all threads.
#[derive(Debug, Clone, Default)]
pub struct Live(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    readers: HashMap<Reader, watch::Sender<()>>,
    closed: bool,
}

/// One stream's place among them; given up when dropped.
#[derive(Debug)]
pub(super) struct Watch {
    live: Live,
    reader: Reader,
    woken: watch::Receiver<()>,
}

impl Live {
    /// Nobody watches yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Wakes the streams of `user`, who has something new. For whoever hears the hints of other nodes.
    pub fn wake(&self, tenant: TenantId, user: UserId) {
        if let Some(streams) = self.state().readers.get(&(tenant, user)) {
            streams.send_replace(());
        }
    }

    /// Ends all streams, and those begun later: the node is going away, and their readers find another.
    pub fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.readers.clear();
    }

    pub(super) fn watch(&self, tenant: TenantId, user: UserId) -> Watch {
        let mut state = self.state();
        let closed = state.closed;
        let sender = state.readers.entry((tenant, user)).or_insert_with(|| watch::channel(()).0);
        let woken = sender.subscribe();
        if closed {
            state.readers.clear();
        }
        drop(state);
        Watch { live: self.clone(), reader: (tenant, user), woken }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch {
    /// Waits until there may be something new; `false` when the node is going away.
    pub(super) async fn woken(&mut self) -> bool {
        self.woken.changed().await.is_ok()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut state = self.live.state();
        // Our own receiver still counts.
        if state.readers.get(&self.reader).is_some_and(|streams| streams.receiver_count() <= 1) {
            state.readers.remove(&self.reader);
        }
    }
}

/// Where there is one node, its own streams are all there are.
#[async_trait]
impl StreamHints for Live {
    async fn hint(&self, tenant: TenantId, user: UserId) {
        self.wake(tenant, user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const TENANT: TenantId = TenantId(Uuid::from_u128(1));
    const ADA: UserId = UserId(Uuid::from_u128(2));

    #[tokio::test]
    async fn those_who_watch_are_woken_and_leave_nothing_behind() {
        let live = Live::new();
        let (mut one, mut two) = (live.watch(TENANT, ADA), live.watch(TENANT, ADA));
        live.wake(TENANT, ADA);
        assert!(one.woken().await && two.woken().await);
        drop(one);
        live.wake(TENANT, ADA);
        assert!(two.woken().await);
        drop(two);
        assert!(live.state().readers.is_empty());
    }

    #[tokio::test]
    async fn a_node_that_goes_away_ends_its_streams() {
        let live = Live::new();
        let mut before = live.watch(TENANT, ADA);
        live.close();
        assert!(!before.woken().await);
        assert!(!live.watch(TENANT, ADA).woken().await);
    }
}
