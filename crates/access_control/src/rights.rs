//! Whether somebody may: the port that every domain asks.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use async_trait::async_trait;
use ouvira_common::{
    context::Pass,
    db::{DbError, Tx},
    id::UserId,
    permission::{Permission, Scope},
    ports::{Denied, PermissionChecker, Visible},
};

use crate::{
    cache::Cache,
    decision::{Caller, Catalogue, Snapshot},
    store,
};

/// Companies of all cached snapshots together; most users have a few, the owner of a large tree has all of it.
const CACHED_COMPANIES: usize = 200_000;

/// Decides on snapshots kept in memory: no query while the gate returns the version a snapshot was taken at, one query
/// when it does not. One per process; cheap to clone.
#[derive(Clone)]
pub struct Rights {
    catalogue: Catalogue,
    cache: Arc<Cache>,
    lookups: Arc<Lookups>,
}

#[derive(Default)]
struct Lookups {
    found: AtomicU64,
    loaded: AtomicU64,
}

/// How the snapshots of a process stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RightsStanding {
    /// Snapshots in memory.
    pub held: usize,
    /// How often one was there and in force.
    pub found: u64,
    /// How often one had to be loaded.
    pub loaded: u64,
}

impl Rights {
    /// Rights over the permissions of `catalogue`, with nothing in memory yet.
    pub fn new(catalogue: Catalogue) -> Self {
        Self { catalogue, cache: Arc::new(Cache::new(CACHED_COMPANIES)), lookups: Arc::default() }
    }

    /// How the snapshots stand: for metrics.
    pub fn standing(&self) -> RightsStanding {
        let Lookups { found, loaded } = &*self.lookups;
        RightsStanding { held: self.cache.len(), found: found.load(Relaxed), loaded: loaded.load(Relaxed) }
    }

    /// What there is to hold.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The caller's rights. What is decided on them holds only if the gate agrees; if it does not, the transaction is run
    /// once more. Called before the transaction writes anything about rights: what it finds is kept for others.
    pub(crate) async fn caller(&self, tx: &mut Tx) -> Result<Caller, DbError> {
        Ok(match (tx.context().pass(), tx.context().user_id()) {
            (Pass::Session { .. }, Some(user)) => {
                let second_factor = tx.context().authentication().has_second_factor();
                Caller::user(&self.catalogue, self.snapshot(tx, user).await?, second_factor)
            }
            (Pass::Open | Pass::Session { .. }, _) => Caller::nobody(&self.catalogue),
            (Pass::Grant(_), _) => Caller::operator(&self.catalogue),
            (Pass::Job(_) | Pass::Provisioning, _) => Caller::everything(&self.catalogue),
        })
    }

    /// Says that this transaction changes what roles, ownership or the company tree give
    /// ([`Tx::raise_rights_epoch`]). Once it is committed, this node looks for every snapshot of the tenant anew.
    pub(crate) async fn change_of_all(&self, tx: &mut Tx) -> Result<(), DbError> {
        tx.raise_rights_epoch().await?;
        let (cache, tenant) = (Arc::clone(&self.cache), tx.context().tenant_id());
        let raised = tx.open().await?.rights.epoch + 1;
        tx.after_commit(move || cache.end_before(tenant, raised));
        Ok(())
    }

    /// Says that this transaction changes one user's grants ([`Tx::raise_rights_version`]). Once it is committed, this node
    /// looks for their snapshot anew.
    pub(crate) fn change_of(&self, tx: &mut Tx, user: UserId) {
        tx.raise_rights_version(user);
        let (cache, key) = (Arc::clone(&self.cache), (tx.context().tenant_id(), user));
        tx.after_commit(move || cache.forget(key));
    }

    async fn snapshot(&self, tx: &mut Tx, user: UserId) -> Result<Arc<Snapshot>, DbError> {
        let key = (tx.context().tenant_id(), user);
        let admitted = tx.admission().map(|admission| admission.rights);
        let cached = self.cache.get(key).filter(|snapshot| {
            snapshot.in_force(tx.now()) && admitted.is_none_or(|version| version == snapshot.version())
        });
        if let Some(snapshot) = cached {
            tx.assume_rights(snapshot.version())?;
            self.lookups.found.fetch_add(1, Relaxed);
            return Ok(snapshot);
        }
        // Sent together with the gate when it is the first query. What it finds may be newer than the version the gate
        // returned, never older; then the next transaction finds another version and looks again.
        let facts = store::facts::of_user(tx, &self.catalogue, user).await?;
        let version = tx.open().await?.rights;
        let snapshot = Arc::new(Snapshot::of(&facts, version));
        self.cache.put(key, Arc::clone(&snapshot));
        self.lookups.loaded.fetch_add(1, Relaxed);
        Ok(snapshot)
    }
}

#[async_trait]
impl PermissionChecker for Rights {
    async fn require(&self, tx: &mut Tx, permission: &Permission, scope: Scope) -> Result<(), Denied> {
        self.caller(tx).await?.require(permission, scope)
    }

    async fn holds(&self, tx: &mut Tx, permission: &Permission, scope: Scope) -> Result<bool, DbError> {
        Ok(self.caller(tx).await?.holds(permission, scope))
    }

    async fn visible(&self, tx: &mut Tx, permission: &Permission) -> Result<Visible, DbError> {
        Ok(self.caller(tx).await?.visible(permission))
    }
}
