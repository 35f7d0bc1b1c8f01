//! The keys that sign access tokens (A4): Ed25519 (RFC 8037), in the catalog, wrapped.

mod ensure;
mod material;
mod missing;
mod rotate;
mod store;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use ouvira_common::{
    entropy::Entropy,
    ports::{KeyError, SigningKey, SigningKeys},
    sealing::WrappingKeys,
    time::Clock,
};

use crate::{catalog::Catalog, error::TenancyError};

pub use rotate::Rotation;
pub use store::KeyRecord;

/// How old what a node remembers of the keys may become.
const FRESH: Duration = Duration::from_secs(30);
/// The same when a token names a key that is not among them: forged names do not make us ask more often than this.
const FRESH_FOR_UNKNOWN: Duration = Duration::from_secs(1);

struct Inner {
    catalog: Catalog,
    wrapping: Arc<WrappingKeys>,
    entropy: Arc<dyn Entropy>,
    clock: Arc<dyn Clock>,
    known: Mutex<Option<(Arc<[SigningKey]>, Instant)>>,
}

/// The deployment's signing keys. Cheap to clone; one for a process.
#[derive(Clone)]
pub struct KeyRing(Arc<Inner>);

impl KeyRing {
    /// The keys in `catalog`, wrapped by `wrapping`.
    pub fn new(
        catalog: Catalog,
        wrapping: Arc<WrappingKeys>,
        entropy: Arc<dyn Entropy>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Arc::new(Inner { catalog, wrapping, entropy, clock, known: Mutex::default() }))
    }

    /// All keys that still verify, the newest first.
    pub async fn list(&self) -> Result<Vec<KeyRecord>, TenancyError> {
        let mut conn = self.0.catalog.connection().await?;
        Ok(store::living(&mut conn, self.0.clock.now()).await?)
    }

    /// The keys as the catalog has them now, unwrapped; the one that signs first.
    async fn load(&self) -> Result<Arc<[SigningKey]>, TenancyError> {
        let now = self.0.clock.now();
        let records = store::living(&mut *self.0.catalog.connection().await?, now).await?;
        // The newest one that is active signs; those yet to come are published behind it.
        let (mut active, future): (Vec<_>, Vec<_>) =
            records.into_iter().partition(|record| record.activates_at <= now);
        active.extend(future);
        let keys = active
            .iter()
            .map(|record| material::unwrap(record, &self.0.wrapping))
            .collect::<Result<_, _>>()?;
        Ok(keys)
    }

    /// What is remembered, when it is younger than `fresh`. That there is no key is not.
    fn known(&self, fresh: Duration) -> Option<Arc<[SigningKey]>> {
        let known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .as_ref()
            .filter(|(keys, at)| !keys.is_empty() && at.elapsed() < fresh)
            .map(|(keys, _)| Arc::clone(keys))
    }

    async fn keys_within(&self, fresh: Duration) -> Result<Arc<[SigningKey]>, KeyError> {
        if let Some(known) = self.known(fresh) {
            return Ok(known);
        }
        let keys = self.load().await.map_err(|error| KeyError(error.to_string()))?;
        *self.0.known.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Arc::clone(&keys), Instant::now()));
        Ok(keys)
    }

    fn forget(&self) {
        *self.0.known.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[async_trait]
impl SigningKeys for KeyRing {
    async fn keys(&self) -> Result<Arc<[SigningKey]>, KeyError> {
        self.keys_within(FRESH).await
    }

    async fn keys_with(&self, kid: &str) -> Result<Arc<[SigningKey]>, KeyError> {
        let keys = self.keys().await?;
        if keys.iter().any(|key| key.kid == kid) {
            Ok(keys)
        } else {
            self.keys_within(FRESH_FOR_UNKNOWN).await
        }
    }
}
