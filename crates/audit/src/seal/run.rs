//! One round of sealing: the tenants with new rows, then the installation's tree, then the place outside.

use std::{collections::HashMap, sync::Arc};

use chrono::TimeDelta;
use ouvira_common::{
    context::{Origin, Pass, RequestContext},
    db::{ConnectError, Db, DbError, Endpoint, connect},
    id::TenantId,
    ports::{ResolveError, TenantName, TenantResolver},
    principal::Principal,
    time::{Clock, Timestamp},
};
use uuid::Uuid;

use super::{Discovery, Sealed, Sealer, SealingProgress, outside::catch_up};
use crate::{
    AuditError,
    installation::{CheckpointStore, Entry, InstallationError, InstallationLog, KeepError, Turn},
};

/// How often every tenant with a schema of its own is visited, whatever the counters say.
const SWEEP: TimeDelta = TimeDelta::hours(1);

/// What sealing needs.
#[derive(Clone)]
pub struct SealingDeps {
    /// The way to the tenants' tables.
    pub db: Db,
    /// Finds tenants.
    pub tenants: Arc<dyn TenantResolver>,
    /// The tree of the installation.
    pub installation: InstallationLog,
    /// Where its checkpoints are kept.
    pub outside: Arc<dyn CheckpointStore>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The owner's way to the common server: looks for new rows, and for nothing else.
    pub owner: Endpoint,
    /// The worker's way to the common database: writes the installation's tree.
    pub worker: Endpoint,
    /// Told how far sealing has come.
    pub progress: SealingProgress,
}

/// Sealing as a worker does it: [`Sealing::round`] every few seconds. Any number of workers may; they take turns.
pub struct Sealing {
    deps: SealingDeps,
    sealer: Sealer,
    /// By database; `None` is the common one.
    discoveries: HashMap<Option<String>, Discovery>,
    swept_at: Option<Timestamp>,
}

/// What a round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SealingReport {
    /// How many tenants were visited.
    pub visited: usize,
    /// How many rows became leaves.
    pub rows: u64,
    /// How many tenants, or databases of theirs, could not be visited; they are tried again.
    pub failed: usize,
    /// The time of the oldest row that was seen and still waits.
    pub pending: Option<Timestamp>,
}

/// A round was not finished; the next one goes on where it ended.
#[derive(Debug, thiserror::Error)]
pub enum SealingError {
    /// A database cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A database says no.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The installation's tree.
    #[error(transparent)]
    Installation(#[from] InstallationError),
    /// The place outside.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// What is kept outside is of another tree.
    #[error(
        "the checkpoint of {0} leaves that is kept outside is not one of this tree: its end was removed, or it was made anew. \
         Verify it; after restoring a backup, name a new place for checkpoints"
    )]
    AnotherTree(u64),
    /// A tenant's tree.
    #[error(transparent)]
    Audit(#[from] AuditError),
}

/// A tree that grew: its tenant's database, a job of the tenant, its root.
type Grown = (Option<String>, RequestContext, Entry);

impl Sealing {
    /// Nothing was looked at yet.
    pub fn new(deps: SealingDeps) -> Self {
        let sealer = Sealer::new(deps.db.clone());
        Self { deps, sealer, discoveries: HashMap::new(), swept_at: None }
    }

    /// Seals what is new in the common database and in the tenants' own ones. `None` when another worker is at it.
    pub async fn round(&mut self, own_databases: &[String]) -> Result<Option<SealingReport>, SealingError> {
        let now = self.deps.clock.now();
        let Some(mut turn) = Turn::take(connect(&self.deps.worker, None).await?).await? else {
            return Ok(None);
        };
        self.deps.progress.tried(now);
        if self.swept_at.is_none_or(|swept| now - swept >= SWEEP) {
            self.swept_at = Some(now);
            self.discoveries.values_mut().for_each(Discovery::forget_counters);
        }
        for (database, horizon) in turn.horizons().await? {
            self.discoveries.entry(database).or_default().resume(Some(horizon));
        }
        let mut report = SealingReport::default();
        let mut grown = self.database(None, now, &mut report).await?;
        for database in own_databases {
            match self.database(Some(database.clone()), now, &mut report).await {
                Ok(more) => grown.extend(more),
                // The others do not wait for one that is away.
                Err(error) => {
                    tracing::warn!(%error, database, "the logs of a tenant's own database cannot be sealed");
                    report.failed += 1;
                }
            }
        }
        if let Err(error) = self.witness(&grown, now).await {
            // What was sealed stays sealed; the next round has these roots witnessed.
            for (database, _, entry) in grown {
                self.discoveries.entry(database).or_default().again(entry.tenant);
            }
            return Err(error);
        }
        if report.visited > 0 {
            for (database, discovery) in &self.discoveries {
                if let Some(horizon) = discovery.settled() {
                    turn.note(database.as_deref(), horizon, now).await?;
                }
            }
        }
        turn.end().await;
        if report.failed == 0 {
            self.deps.progress.reached(report.pending.unwrap_or(now));
        }
        Ok(Some(report))
    }

    /// Seals what is new in one database and answers the trees that grew.
    async fn database(
        &mut self,
        database: Option<String>,
        now: Timestamp,
        report: &mut SealingReport,
    ) -> Result<Vec<Grown>, SealingError> {
        let mut owner = connect(&self.deps.owner, database.as_deref()).await?;
        let discovery = self.discoveries.entry(database.clone()).or_default();
        let found = discovery.look(&mut owner).await?;
        drop(owner);
        let mut grown = Vec::new();
        for tenant in found {
            report.visited += 1;
            match seal_tenant(&self.deps, &self.sealer, tenant, now).await {
                // Another sealer is at it, or it is not there any more.
                Ok(None) => {}
                Ok(Some((ctx, sealed))) => {
                    report.rows += sealed.rows;
                    if let Some(oldest) = sealed.pending {
                        report.pending = Some(report.pending.map_or(oldest, |pending| pending.min(oldest)));
                        discovery.again(tenant);
                    }
                    if sealed.head.size > 0 && !sealed.witnessed {
                        grown.push((database.clone(), ctx, Entry { tenant, head: sealed.head }));
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, %tenant, "the logs of a tenant cannot be sealed");
                    report.failed += 1;
                    discovery.again(tenant);
                }
            }
        }
        Ok(grown)
    }

    /// Appends the roots to the installation's tree, keeps its checkpoint outside, and tells the tenants where they
    /// stand.
    async fn witness(&self, grown: &[Grown], now: Timestamp) -> Result<(), SealingError> {
        if grown.is_empty() {
            // Nothing waits for the place; that it is away is worth knowing before something does.
            if let Err(error) = self.deps.outside.probe().await {
                tracing::warn!(%error, "no checkpoint can be kept just now");
            }
            return Ok(());
        }
        let entries: Vec<Entry> = grown.iter().map(|(_, _, entry)| *entry).collect();
        let mut worker = connect(&self.deps.worker, None).await?;
        catch_up(&mut worker, &*self.deps.outside).await?;
        let appended = self.deps.installation.append(&mut worker, now, &entries).await?;
        let verifiers = InstallationLog::verifiers(&mut worker).await?;
        if let Some(verifier) = verifiers.last() {
            self.deps.outside.keep(appended.head.size, &appended.note, verifier).await?;
        }
        for ((_, ctx, entry), witnessed) in grown.iter().zip(&appended.witnessed) {
            self.sealer.witness(ctx, entry.head.size, witnessed).await?;
        }
        Ok(())
    }
}

/// Seals one tenant; `None` when it is not there any more, or another sealer is at it.
async fn seal_tenant(
    deps: &SealingDeps,
    sealer: &Sealer,
    tenant: TenantId,
    now: Timestamp,
) -> Result<Option<(RequestContext, Sealed)>, AuditError> {
    let tenant = match deps.tenants.resolve(TenantName::Id(tenant)).await {
        Ok(tenant) => tenant,
        Err(ResolveError::NotFound) => return Ok(None),
        Err(ResolveError::Unavailable(reason)) => return Err(DbError::Unavailable(reason).into()),
    };
    let ctx = RequestContext::new(tenant, Principal::SYSTEM, Pass::Job(Uuid::nil()), Origin::default(), now);
    let done = sealer.seal(&ctx).await?;
    Ok(done.map(|sealed| (ctx, sealed)))
}
