//! What the service stands on, and how each of it is. All are asked at once, and none is waited for long.

use std::{
    future::ready,
    sync::Arc,
    time::{Duration, Instant},
};

use diesel::{
    QueryableByName, sql_query,
    sql_types::{Bool, Text},
};
use diesel_async::RunQueryDsl as _;
use futures_util::future::{BoxFuture, join_all};
use ouvira_common::db::{Endpoint, connect};
use ouvira_tenancy::{History, KeyRing};
use tokio::{sync::Mutex, time::timeout};

/// How long a dependency may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// For how long it is believed that no key is missing.
const KEYS_KNOWN: Duration = Duration::from_mins(1);
/// It is well.
pub(super) const OK: &str = "ok";
/// It is not there, does not answer, or not in time.
const UNAVAILABLE: &str = "unavailable";
/// It is there, and late.
const BEHIND: &str = "behind";

/// A status for each name of a check, or none when there was no answer.
type Statuses = Option<Vec<&'static str>>;

/// Some of what the service stands on, with a way to ask how it is.
#[derive(Clone)]
struct Check {
    names: &'static [&'static str],
    /// Whether nothing works without it.
    needed: bool,
    question: Arc<dyn Fn() -> BoxFuture<'static, Statuses> + Send + Sync>,
}

/// How one thing is that the service stands on.
pub(super) struct Standing {
    pub(super) name: &'static str,
    /// Whether nothing works without it.
    pub(super) needed: bool,
    pub(super) status: &'static str,
}

/// What the control plane knows of the fleet and of the work in the background.
#[derive(QueryableByName)]
struct Background {
    #[diesel(sql_type = Bool)]
    outdated: bool,
    #[diesel(sql_type = Bool)]
    alive: bool,
    #[diesel(sql_type = Bool)]
    behind: bool,
    #[diesel(sql_type = Text)]
    storage: String,
}

/// What the service stands on.
#[derive(Clone, Default)]
pub(crate) struct Readiness(Vec<Check>);

impl Readiness {
    fn with<A>(
        mut self,
        names: &'static [&'static str],
        needed: bool,
        ask: impl Fn() -> A + Send + Sync + 'static,
    ) -> Self
    where
        A: Future<Output = Statuses> + Send + 'static,
    {
        self.0.push(Check { names, needed, question: Arc::new(move || Box::pin(ask())) });
        self
    }

    /// The database of `endpoint`, and that it has been migrated.
    pub(crate) fn of_database(endpoint: &Endpoint) -> Self {
        let endpoint = endpoint.clone();
        Self::default().with(&["database"], true, move || {
            let endpoint = endpoint.clone();
            async move {
                let mut conn = connect(&endpoint, None).await.ok()?;
                let look = sql_query("SELECT FROM ouvira_catalog.tenant_directory LIMIT 1");
                look.execute(&mut conn).await.ok().map(|_| vec![OK])
            }
        })
    }

    /// The same, and that the keys are there which wrapped what is in the database. They hardly change, so the answer holds for
    /// a while.
    #[must_use]
    pub(crate) fn and_keys(self, keys: KeyRing) -> Self {
        let known = Arc::new(Mutex::new(None));
        self.with(&["keys"], true, move || {
            let (keys, known) = (keys.clone(), Arc::clone(&known));
            async move {
                let mut known = known.lock().await;
                if !known.is_some_and(|at: Instant| at.elapsed() < KEYS_KNOWN) {
                    let good = keys.require_wrapping_keys().await;
                    *known = good.is_ok().then(Instant::now);
                    good.inspect_err(|error| tracing::warn!(%error, "keys are missing")).ok()?;
                }
                Some(vec![OK])
            }
        })
    }

    /// The same, and that every placement is at `history`, that a worker lives and takes up what waits, and that the place
    /// outside of the database took the last checkpoint of the record. A node serves without any of it, for a while, and
    /// tenants whose placement is behind as far as what they have goes. `control` names the role of the control plane.
    #[must_use]
    pub(crate) fn and_background(self, control: &Endpoint, history: History) -> Self {
        let control = control.clone();
        self.with(&["migrations", "worker", "storage"], false, move || {
            let (control, history) = (control.clone(), history.clone());
            async move {
                let mut conn = connect(&control, None).await.ok()?;
                let ask = sql_query(
                    "SELECT EXISTS (SELECT FROM ouvira_catalog.placements \
                                     WHERE state = 'ready' AND history <> $1) AS outdated, \
                            alive, behind, storage FROM ouvira_catalog.background",
                );
                let found = ask.bind::<Text, _>(history.fingerprint()).get_result(&mut conn).await;
                let Background { outdated, alive, behind, storage } = found.ok()?;
                let worker = if alive { late(behind) } else { UNAVAILABLE };
                Some(vec![late(outdated), worker, if storage == OK { OK } else { UNAVAILABLE }])
            }
        })
    }

    /// The same, and the cache, without which nodes count rate limits alone.
    #[must_use]
    pub(crate) fn and_cache(self, healthy: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.with(&["cache"], false, move || ready(Some(vec![if healthy() { OK } else { UNAVAILABLE }])))
    }

    /// How everything is.
    pub(super) async fn ask(&self) -> Vec<Standing> {
        let asked = self.0.iter().map(|check| async move {
            let statuses = timeout(PATIENCE, (check.question)()).await.ok().flatten();
            let status = |at: usize| statuses.as_ref().map_or(UNAVAILABLE, |statuses| statuses[at]);
            let named = check.names.iter().enumerate();
            named
                .map(|(at, name)| Standing { name, needed: check.needed, status: status(at) })
                .collect::<Vec<_>>()
        });
        join_all(asked).await.into_iter().flatten().collect()
    }
}

fn late(late: bool) -> &'static str {
    if late { BEHIND } else { OK }
}
