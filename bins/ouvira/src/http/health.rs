//! Whether the service lives, and whether it can work.

use std::{sync::Arc, time::Duration};

use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use diesel::sql_query;
use diesel_async::RunQueryDsl as _;
use futures_util::future::BoxFuture;
use ouvira_common::{
    db::{Endpoint, connect},
    http::{Json, Problem},
    problem::Code,
};
use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::timeout;

/// How long a dependency may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
const OK: &str = "ok";

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
    /// `ok` or `unavailable`.
    status: &'static str,
}

/// Whether the service can work.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(super) struct ReadinessView {
    /// `ok` when every dependency is.
    status: &'static str,
    /// What it stands on.
    checks: Vec<Dependency>,
}

type Check = Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

/// What the service stands on, each with a way to ask it.
#[derive(Clone, Default)]
pub(crate) struct Readiness(Vec<(&'static str, Check)>);

impl Readiness {
    /// The database of `endpoint`, and that it has been migrated.
    pub(crate) fn of_database(endpoint: &Endpoint) -> Self {
        let endpoint = endpoint.clone();
        let answers: Check = Arc::new(move || {
            let endpoint = endpoint.clone();
            Box::pin(async move {
                let Ok(mut conn) = connect(&endpoint, None).await else { return false };
                sql_query("SELECT FROM ouvira_catalog.tenant_directory LIMIT 1").execute(&mut conn).await.is_ok()
            })
        });
        Self(vec![("database", answers)])
    }

    async fn ask(&self) -> Vec<Dependency> {
        let mut checks = Vec::new();
        for (name, check) in &self.0 {
            let well = timeout(PATIENCE, check()).await.unwrap_or(false);
            checks.push(Dependency { name, status: if well { OK } else { "unavailable" } });
        }
        checks
    }
}

#[api_operation(
    operation_id = "read_readiness",
    summary = "Whether the service can work",
    description = "503 when something it stands on does not answer; the log names it.",
    tag = "service"
)]
pub(super) async fn ready(readiness: Data<Readiness>) -> Result<Json<ReadinessView>, Problem> {
    let checks = readiness.ask().await;
    let missing: Vec<_> = checks.iter().filter(|check| check.status != OK).map(|check| check.name).collect();
    if missing.is_empty() {
        Ok(Json(ReadinessView { status: OK, checks }))
    } else {
        tracing::warn!(missing = missing.join(", "), "not ready");
        Err(Problem::new(Code::ServiceUnavailable))
    }
}
