//! Whether the service lives, and whether it can work.

use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{Json, Problem},
    problem::Code,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::readiness::{OK, Readiness};

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
    /// `ok`, `unavailable`, or of migrations and worker `behind`.
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

#[api_operation(
    operation_id = "read_readiness",
    summary = "Whether the service can work",
    description = "503 when something it cannot do without does not answer; the log names it.",
    tag = "service"
)]
pub(super) async fn read_readiness(readiness: Data<Readiness>) -> Result<Json<ReadinessView>, Problem> {
    let standing = readiness.ask().await;
    let unwell = || standing.iter().filter(|dependency| dependency.status != OK);
    let missing: Vec<_> = unwell().filter(|unwell| unwell.needed).map(|unwell| unwell.name).collect();
    if !missing.is_empty() {
        tracing::warn!(missing = missing.join(", "), "not ready");
        return Err(Problem::new(Code::ServiceUnavailable));
    }
    let status = if unwell().next().is_some() { "degraded" } else { OK };
    let checks = standing.iter().map(|found| Dependency { name: found.name, status: found.status });
    Ok(Json(ReadinessView { status, checks: checks.collect() }))
}
