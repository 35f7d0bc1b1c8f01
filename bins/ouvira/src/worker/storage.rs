//! Whether the place outside of the database takes checkpoints: a worker tells it with its sign of life, and every node's
//! readiness passes it on.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use ouvira_audit::installation::{CheckpointStore, KeepError, NoteVerifier};
use ouvira_common::time::{Clock, Timestamp};
use tokio::time::timeout;

/// How long keeping one may take: a mount that hangs must not hold up the sealing.
const PATIENCE: Duration = Duration::from_secs(30);

/// How the last attempt to keep a checkpoint went, and when that was. Cheap to clone.
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

#[async_trait]
impl CheckpointStore for Watched {
    async fn keep(&self, size: u64, note: &str, verifier: &NoteVerifier) -> Result<(), KeepError> {
        let kept = timeout(PATIENCE, self.place.keep(size, note, verifier)).await;
        let kept = kept.unwrap_or_else(|_| Err(KeepError("it took too long".to_owned())));
        self.storage.note(kept.is_ok(), self.clock.now());
        kept
    }
}
