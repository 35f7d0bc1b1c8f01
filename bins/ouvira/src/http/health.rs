//! Whether the service lives, and whether it can work.

use std::{
    future::ready,
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{Bool, Text},
};
use diesel_async::RunQueryDsl as _;
use futures_util::future::BoxFuture;
use ouvira_common::{
    db::{Endpoint, connect},
    http::{Json, Problem},
    problem::Code,
};
use ouvira_tenancy::{History, KeyRing};
use schemars::JsonSchema;
use serde::Serialize;
use tokio::{sync::Mutex, time::timeout};

/// How long a dependency may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// For how long it is believed that no key is missing.
const KEYS_KNOWN: Duration = Duration::from_mins(1);
const OK: &str = "ok";
const UNAVAILABLE: &str = "unavailable";

/// It lives.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(super) struct Health {
    /// `ok`.
    status: &'static str,
}

#[api_operation(operation_id = "read_health", summary = "Whether the service lives", tag = "service")]
pub(super) async fn live() -> Result<Json<Health>, Problem> {
    Ok(Json(Health { status: OK }))
}

/// How a dependency is.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Dependency {
    /// Its name.
    name: &'static str,
    /// `ok`, `unavailable`, or of migrations `behind`.
    status: &'static str,
}

/// Whether the service can work.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(super) struct ReadinessView {
    /// `ok` when every dependency is; `degraded` when one is not that the service can do without.
    status: &'static str,
    /// What it stands on.
    checks: Vec<Dependency>,
}

type Question = Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

/// Something the service stands on, with a way to ask it.
#[derive(Clone)]
struct Check {
    name: &'static str,
    /// Whether nothing works without it.
    needed: bool,
    /// Its status when it is not well.
    unwell: &'static str,
    question: Question,
}

#[derive(QueryableByName)]
struct Behind {
    #[diesel(sql_type = Bool)]
    behind: bool,
}

/// What the service stands on.
#[derive(Clone, Default)]
pub(crate) struct Readiness(Vec<Check>);

impl Readiness {
    /// The database of `endpoint`, and that it has been migrated.
    pub(crate) fn of_database(endpoint: &Endpoint) -> Self {
        let endpoint = endpoint.clone();
        let question: Question = Arc::new(move || {
            let endpoint = endpoint.clone();
            Box::pin(async move {
                let Ok(mut conn) = connect(&endpoint, None).await else { return false };
                sql_query("SELECT FROM ouvira_catalog.tenant_directory LIMIT 1")
                    .execute(&mut conn)
                    .await
                    .is_ok()
            })
        });
        Self(vec![Check { name: "database", needed: true, unwell: UNAVAILABLE, question }])
    }

    /// The same, and that the keys are there which wrapped what is in the database. They hardly change, so the answer holds for
    /// a while.
    #[must_use]
    pub(crate) fn and_keys(mut self, keys: KeyRing) -> Self {
        let known = Arc::new(Mutex::new(None));
        let question: Question = Arc::new(move || {
            let (keys, known) = (keys.clone(), Arc::clone(&known));
            Box::pin(async move {
                let mut known = known.lock().await;
                match *known {
                    Some(at) if Instant::elapsed(&at) < KEYS_KNOWN => true,
                    _ => {
                        let good = keys.require_wrapping_keys().await;
                        *known = good.is_ok().then(Instant::now);
                        good.inspect_err(|error| tracing::warn!(%error, "keys are missing")).is_ok()
                    }
                }
            })
        });
        self.0.push(Check { name: "keys", needed: true, unwell: UNAVAILABLE, question });
        self
    }

    /// The same, and that every placement is at `history`. A node serves tenants whose placement is not, as far as what they
    /// have goes. `endpoint` names the role of the control plane.
    #[must_use]
    pub(crate) fn and_migrations(mut self, endpoint: &Endpoint, history: History) -> Self {
        let endpoint = endpoint.clone();
        let question: Question = Arc::new(move || {
            let (endpoint, history) = (endpoint.clone(), history.clone());
            Box::pin(async move {
                let Ok(mut conn) = connect(&endpoint, None).await else { return false };
                sql_query(
                    "SELECT EXISTS (SELECT FROM ouvira_catalog.placements WHERE state = 'ready' AND history <> $1) \
                            AS behind",
                )
                .bind::<Text, _>(history.fingerprint())
                .get_result(&mut conn)
                .await
                .is_ok_and(|placements: Behind| !placements.behind)
            })
        });
        self.0.push(Check { name: "migrations", needed: false, unwell: "behind", question });
        self
    }

    /// The same, and `name`, without which the service works on, though not as well.
    #[must_use]
    pub(crate) fn and_better_with(
        mut self,
        name: &'static str,
        healthy: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        let question: Question = Arc::new(move || Box::pin(ready(healthy())));
        self.0.push(Check { name, needed: false, unwell: UNAVAILABLE, question });
        self
    }

    /// How everything is, and the names of what is needed and away.
    async fn ask(&self) -> (ReadinessView, Vec<&'static str>) {
        let (mut checks, mut missing, mut status) = (Vec::new(), Vec::new(), OK);
        for Check { name, needed, unwell, question } in &self.0 {
            let well = timeout(PATIENCE, question()).await.unwrap_or(false);
            checks.push(Dependency { name, status: if well { OK } else { unwell } });
            if !well {
                status = "degraded";
                missing.extend(needed.then_some(*name));
            }
        }
        (ReadinessView { status, checks }, missing)
    }
}

#[api_operation(
    operation_id = "read_readiness",
    summary = "Whether the service can work",
    description = "503 when something it cannot do without does not answer; the log names it.",
    tag = "service"
)]
pub(super) async fn read_readiness(readiness: Data<Readiness>) -> Result<Json<ReadinessView>, Problem> {
    let (view, missing) = readiness.ask().await;
    if missing.is_empty() {
        Ok(Json(view))
    } else {
        tracing::warn!(missing = missing.join(", "), "not ready");
        Err(Problem::new(Code::ServiceUnavailable))
    }
}
