//! Running a use case in a transaction, once more when it decided on something that had changed.

use std::sync::Arc;

use super::{
    DbError, Pools, Refusal,
    claim::Pending,
    pool::NoConnection,
    tx::{Access, Tx, Verdict},
};
use crate::{
    context::{Pass, RequestContext},
    idempotency::{Claim, Hold},
    ports::TenantResolver,
    tenant::Placement,
};

/// The closure of a use case: `async |tx| …`. It may run more than once, so it holds the whole decision and its effect and
/// nothing outside of `tx`; it captures by reference. (The second bound of [`Db::read`] is how the future is said to be
/// `Send`, until the language has a way.)
pub trait Work<Arg, Out>: AsyncFnMut(Arg) -> Out + FnMut(Arg) -> <Self as Work<Arg, Out>>::Running {
    /// The closure's future.
    type Running: Future<Output = Out>;
}

impl<F, Arg, Running, Out> Work<Arg, Out> for F
where
    F: AsyncFnMut(Arg) -> Out + FnMut(Arg) -> Running,
    Running: Future<Output = Out>,
{
    type Running = Running;
}

/// Attempts before [`DbError::Contention`]. A second one is enough for all but a pool full of dead connections.
const ATTEMPTS: usize = 8;

/// Is told where something was left in the outbox.
pub(super) type Hint = Arc<dyn Fn(&Placement) + Send + Sync>;

/// The way to the database. Cheap to clone; a node has one per worker thread, since a connection is driven by the thread
/// that opened it.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    tenants: Arc<dyn TenantResolver>,
    published: Option<Hint>,
}

/// What the next attempt does before the use case decides anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beginning {
    /// Nothing: the gate goes out with the first query.
    Lazy,
    /// Goes through the gate, so that decisions are made on the versions it returns.
    Opened,
    /// And takes the tenant's rights lock, so that nobody changes them meanwhile.
    Locked,
}

impl Db {
    /// A way through `pools`; `tenants` is asked anew when a tenant turns out to have moved.
    pub fn new(pools: Pools, tenants: Arc<dyn TenantResolver>) -> Self {
        Self { pools, tenants, published: None }
    }

    /// Calls `hint` after each commit that left something in the outbox, so that a worker need not wait for its next
    /// look. A hint may be lost; the table is the truth.
    #[must_use]
    pub fn with_outbox_hint(self, hint: impl Fn(&Placement) + Send + Sync + 'static) -> Self {
        Self { published: Some(Arc::new(hint)), ..self }
    }

    /// Runs `work` in a read-only transaction in the scope of `ctx`.
    pub async fn read<T, E, F>(&self, ctx: &RequestContext, work: F) -> Result<T, E>
    where
        for<'tx> F:
            AsyncFnMut(&'tx mut Tx) -> Result<T, E> + Work<&'tx mut Tx, Result<T, E>, Running: Send> + Send,
        E: From<DbError> + Send,
        T: Send,
    {
        self.run(ctx, Access::Read, work).await
    }

    /// Runs `work` in a transaction in the scope of `ctx` and commits when it answers `Ok`.
    pub async fn write<T, E, F>(&self, ctx: &RequestContext, work: F) -> Result<T, E>
    where
        for<'tx> F:
            AsyncFnMut(&'tx mut Tx) -> Result<T, E> + Work<&'tx mut Tx, Result<T, E>, Running: Send> + Send,
        E: From<DbError> + Send,
        T: Send,
    {
        self.run(ctx, Access::Write, work).await
    }

    async fn run<T, E, F>(&self, ctx: &RequestContext, access: Access, mut work: F) -> Result<T, E>
    where
        for<'tx> F:
            AsyncFnMut(&'tx mut Tx) -> Result<T, E> + Work<&'tx mut Tx, Result<T, E>, Running: Send> + Send,
        E: From<DbError> + Send,
        T: Send,
    {
        if let Some((claim, pending)) = ctx.claim().and_then(|claim| Some((claim, claim.resume()?))) {
            return go_on(claim, pending, work).await;
        }
        let claim = ctx.claim().filter(|_| access == Access::Write);
        // A transaction that waits for its answer is kept by the claim, and so must not keep the claim.
        let mut ctx = ctx.without_claim();
        let mut resolved_anew = false;
        let mut settings = known_settings(&ctx);
        let mut beginning = Beginning::Lazy;
        for _ in 0..ATTEMPTS {
            let conn = match self.pools.connection(&ctx.tenant().placement).await {
                Ok(conn) => conn,
                // A database of a tenant's own may have gone with it, or be another by now.
                Err(NoConnection::Unreachable(_))
                    if ctx.tenant().placement.database.is_some() && !resolved_anew =>
                {
                    resolved_anew = true;
                    ctx = ctx.at_tenant(self.resolve_anew(&ctx).await?);
                    continue;
                }
                Err(error) => return Err(DbError::from(error).into()),
            };
            let mut tx = Tx::new(conn, ctx.clone(), access, settings);
            let (hold, outcome) = match begin(&mut tx, beginning, claim).await {
                Ok(hold) => (hold, work(&mut tx).await),
                Err(error) => (None, Err(error.into())),
            };
            if tx.verdict().is_none()
                && let Err(error) = tx.settle(outcome.is_ok()).await
                && tx.verdict().is_none()
            {
                return Err(error.into());
            }
            match (tx.verdict(), outcome) {
                (None, Ok(value)) => {
                    let hint = self.published.as_ref().filter(|_| tx.published);
                    if let (Some(claim), Some(hold)) = (claim, hold) {
                        let hint = hint.map(|hint| (Arc::clone(hint), Arc::clone(ctx.tenant())));
                        claim.wait(Box::new(Pending::new(tx, hold, hint)));
                        return Ok(value);
                    }
                    tx.commit().await?;
                    if let Some(hint) = hint {
                        hint(&ctx.tenant().placement);
                    }
                    return Ok(value);
                }
                (None, Err(error)) => {
                    if claim.is_some() {
                        tx.roll_back().await;
                    }
                    return Err(error);
                }
                (Some(Verdict::Stale), _) => beginning = beginning.max_with(Beginning::Opened),
                (Some(Verdict::Raced), _) => beginning = Beginning::Locked,
                (Some(Verdict::Lost), _) => {}
                (Some(Verdict::SettingsChanged), _) => {
                    // Once: whoever cannot be told the new ones goes on with those they have.
                    settings = None;
                    if let Ok(tenant) = self.tenants.resolve_anew(ctx.tenant_id()).await {
                        ctx = ctx.at_tenant(tenant);
                    }
                }
                (Some(Verdict::Refused), _) => match tx.explain_refusal().await? {
                    Refusal::PlacementChanged if !resolved_anew => {
                        resolved_anew = true;
                        ctx = ctx.at_tenant(self.resolve_anew(&ctx).await?);
                    }
                    refusal => return Err(DbError::from(refusal).into()),
                },
            }
        }
        Err(DbError::Contention.into())
    }

    async fn resolve_anew(&self, ctx: &RequestContext) -> Result<Arc<crate::tenant::Tenant>, DbError> {
        match self.tenants.resolve_anew(ctx.tenant_id()).await {
            Ok(tenant) => Ok(tenant),
            Err(crate::ports::ResolveError::NotFound) => Err(Refusal::PlacementChanged.into()),
            Err(crate::ports::ResolveError::Unavailable(reason)) => Err(DbError::Unavailable(reason)),
        }
    }
}

/// The version of the settings that a request goes by. The platform's own work does not: what loads settings is one.
fn known_settings(ctx: &RequestContext) -> Option<i64> {
    match ctx.pass() {
        Pass::Session { .. } | Pass::Open | Pass::Grant(_) => Some(ctx.tenant().settings_version),
        Pass::Job(_) | Pass::Provisioning => None,
    }
}

/// Under an `Idempotency-Key` all that a request does is one transaction, which ends with its answer: a second piece of work
/// goes on in the first one's. What it decides on cannot be decided anew, as the first piece is not run again.
async fn go_on<T, E, F>(claim: &Claim, mut pending: Box<Pending>, mut work: F) -> Result<T, E>
where
    for<'tx> F:
        AsyncFnMut(&'tx mut Tx) -> Result<T, E> + Work<&'tx mut Tx, Result<T, E>, Running: Send> + Send,
    E: From<DbError> + Send,
    T: Send,
{
    let tx = pending.resume().await?;
    let outcome = work(tx).await;
    let undecided = tx.verdict().is_some();
    match outcome {
        Ok(value) if !undecided => {
            claim.wait(pending);
            Ok(value)
        }
        outcome => {
            pending.roll_back().await;
            Err(outcome.err().filter(|_| !undecided).unwrap_or_else(|| DbError::Contention.into()))
        }
    }
}

/// What comes before the use case; under a claim its key is taken.
async fn begin(tx: &mut Tx, beginning: Beginning, claim: Option<&Claim>) -> Result<Option<Hold>, DbError> {
    let hold = match claim {
        Some(claim) => Some(tx.take_key(claim).await?),
        None => None,
    };
    match beginning {
        Beginning::Lazy => {}
        Beginning::Opened => drop(tx.open().await?),
        Beginning::Locked => tx.open_locked().await?,
    }
    Ok(hold)
}

impl Beginning {
    fn max_with(self, other: Self) -> Self {
        if self == Self::Locked { self } else { other }
    }
}
