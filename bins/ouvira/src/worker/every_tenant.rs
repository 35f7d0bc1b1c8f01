//! A chore of tenants: a walk over all of them, whichever database they are in.
//!
//! Each tenant has one short turn before any has a second, so that the one with millions of rows holds up nobody. How far
//! the walk came is in the catalog: whoever takes over after a death goes on from there, and the last tenants are reached
//! however often that happens.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use diesel_async::AsyncPgConnection;
use futures_util::{StreamExt as _, stream};
use ouvira_common::{
    context::{Origin, Pass, RequestContext},
    db::{Endpoint, connect},
    id::{TenantId, uuid_at},
    ports::{ResolveError, TenantName, TenantResolver},
    principal::Principal,
};
use tokio::time::timeout;
use uuid::Uuid;

use super::{
    schedule::{Hands, Left, TenantChore},
    turns::tenants_after,
};

/// Tenants that have their turn side by side.
const PARALLEL: usize = 4;
/// Tenants read from the catalog at once.
const PAGE: i64 = 200;
/// How long a turn may take.
const TURN: Duration = Duration::from_mins(1);

/// How far a walk came, as seen from outside.
#[derive(Debug, Clone, Default)]
pub(super) struct Position(Arc<Mutex<Option<Uuid>>>);

impl Position {
    pub(super) fn new(at: Option<Uuid>) -> Self {
        Self(Arc::new(Mutex::new(at)))
    }

    pub(super) fn get(&self) -> Option<Uuid> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, at: Option<Uuid>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }
}

/// What a walk needs.
pub(super) struct Walk {
    pub(super) endpoint: Endpoint,
    pub(super) tenants: Arc<dyn TenantResolver>,
    pub(super) hands: Arc<Hands>,
}

/// How many turns there were, and how many of them failed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Tally {
    turns: usize,
    failed: usize,
}

impl Walk {
    /// Gives every tenant after `position` its turns; those before had theirs when the walk began.
    pub(super) async fn run(
        &self,
        name: &str,
        chore: &TenantChore,
        position: &Position,
    ) -> Result<String, String> {
        let mut conn = connect(&self.endpoint, None).await.map_err(|error| error.to_string())?;
        let mut tally = Tally::default();
        let mut again = Vec::new();
        loop {
            let page = self.page(&mut conn, position.get()).await?;
            let Some(last) = page.last().copied() else { break };
            again.extend(self.turns(name, chore, page, &mut tally).await);
            position.set(Some(last.0));
        }
        // Those with more to do, turn after turn, all alike.
        while !again.is_empty() {
            again = self.turns(name, chore, again, &mut tally).await;
        }
        let Tally { turns, failed } = tally;
        match failed {
            0 => Ok(format!("{turns} turns")),
            failed => Err(format!("{failed} of {turns} turns failed")),
        }
    }

    async fn page(&self, conn: &mut AsyncPgConnection, after: Option<Uuid>) -> Result<Vec<TenantId>, String> {
        tenants_after(conn, after, PAGE).await
    }

    /// A turn for each of them; answers those that want another.
    async fn turns(
        &self,
        name: &str,
        chore: &TenantChore,
        tenants: Vec<TenantId>,
        tally: &mut Tally,
    ) -> Vec<TenantId> {
        let outcomes: Vec<_> = stream::iter(tenants)
            .map(async |tenant| (tenant, self.turn(chore, tenant).await))
            .buffer_unordered(PARALLEL)
            .collect()
            .await;
        tally.turns += outcomes.len();
        let mut again = Vec::new();
        for (tenant, outcome) in outcomes {
            match outcome {
                Ok(Left::Nothing) => {}
                Ok(Left::More) => again.push(tenant),
                Err(error) => {
                    tally.failed += 1;
                    tracing::warn!(schedule = name, %tenant, %error, "a chore of a tenant failed");
                }
            }
        }
        again
    }

    async fn turn(&self, chore: &TenantChore, tenant: TenantId) -> Result<Left, String> {
        let tenant = match self.tenants.resolve(TenantName::Id(tenant)).await {
            Ok(tenant) => tenant,
            // Gone since the page was read.
            Err(ResolveError::NotFound) => return Ok(Left::Nothing),
            Err(ResolveError::Unavailable(reason)) => return Err(reason),
        };
        let now = self.hands.clock.now();
        let pass = Pass::Job(uuid_at(now));
        let ctx = RequestContext::new(tenant, Principal::SYSTEM, pass, Origin::default(), now);
        match timeout(TURN, chore(Arc::clone(&self.hands), ctx)).await {
            Ok(outcome) => outcome,
            Err(_) => Err("its turn took too long".to_owned()),
        }
    }
}
