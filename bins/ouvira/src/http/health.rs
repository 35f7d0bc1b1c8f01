//! Whether the service lives, and whether it can work.

use std::{sync::Arc, time::Duration};

use actix_web::{HttpResponse, web::Data};
use apistos::{ApiComponent, api_operation};
use diesel::sql_query;
use diesel_async::RunQueryDsl as _;
use futures_util::future::BoxFuture;
use ouvira_common::{
    db::{Endpoint, connect},
    http::{Json, Problem},
};
use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::timeout;

/// How long a dependency may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// It lives.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(super) struct Health {
    /// `ok`.
    status: &'static str,
}

#[api_operation(operation_id = "get_health", summary = "Whether the service lives", tag = "service")]
pub(super) async fn live() -> Result<Json<Health>, Problem> {
    Ok(Json::new(Health { status: "ok" }))
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

    async fn ask(&self) -> ReadinessView {
        let mut checks = Vec::new();
        for (name, check) in &self.0 {
            let well = timeout(PATIENCE, check()).await.unwrap_or(false);
            checks.push(Dependency { name, status: if well { "ok" } else { "unavailable" } });
        }
        let well = checks.iter().all(|check| check.status == "ok");
        ReadinessView { status: if well { "ok" } else { "unavailable" }, checks }
    }
}

/// 200 when every dependency answers, 503 otherwise; the body says which does not.
pub(super) async fn ready(readiness: Data<Readiness>) -> HttpResponse {
    let view = readiness.ask().await;
    if view.status == "ok" { HttpResponse::Ok().json(view) } else { HttpResponse::ServiceUnavailable().json(view) }
}
