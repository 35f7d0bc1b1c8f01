//! Whether the place outside of the database takes checkpoints: a worker tells it with its sign of life, and every node's
//! readiness passes it on.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use ouvira_audit::installation::{CheckpointStore, KeepError, Kept, NoteVerifier};
use ouvira_common::time::{Clock, Timestamp};
use tokio::time::timeout;

/// How long keeping one may take: a mount that hangs must not hold up the sealing.
const PATIENCE: Duration = Duration::from_secs(30);

/// How the last attempt to reach the place went, and when that was. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Storage(Arc<Mutex<Option<(bool, Timestamp)>>>);

impl Storage {
    /// The last attempt, if there was one.
    pub(super) fn last(&self) -> Option<(bool, Timestamp)> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, kept: bool, at: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((kept, at));
    }
}

/// A place outside, watched.
pub(crate) struct Watched {
    /// The place.
    pub(crate) place: Arc<dyn CheckpointStore>,
    /// Where it is noted how it goes.
    pub(crate) storage: Storage,
    /// Tells the time.
    pub(crate) clock: Arc<dyn Clock>,
}

impl Watched {
    /// What an attempt comes to, in time.
    async fn in_time<T>(&self, attempt: impl Future<Output = Result<T, KeepError>>) -> Result<T, KeepError> {
        let outcome = timeout(PATIENCE, attempt).await;
        outcome.unwrap_or_else(|_| Err(KeepError("it took too long".to_owned())))
    }
}

#[async_trait]
impl CheckpointStore for Watched {
    async fn keep(&self, size: u64, note: &str, verifier: &NoteVerifier) -> Result<(), KeepError> {
        let kept = self.in_time(self.place.keep(size, note, verifier)).await;
        self.storage.note(kept.is_ok(), self.clock.now());
        kept
    }

    async fn find(&self, size: Option<u64>) -> Result<Option<Kept>, KeepError> {
        let found = self.in_time(self.place.find(size)).await;
        if found.is_err() {
            self.storage.note(false, self.clock.now());
        }
        found
    }

    async fn probe(&self) -> Result<(), KeepError> {
        let reached = self.in_time(self.place.probe()).await;
        self.storage.note(reached.is_ok(), self.clock.now());
        reached
    }
}
