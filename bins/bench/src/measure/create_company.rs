//! P3: `POST /company`; company, membership, owner role, activity row and outbox row in one transaction.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use serde_json::json;

use super::{Comparison, Measurement, Side};
use crate::{
    error::BenchError,
    load::{Request, Traffic},
    process::Server,
    report::Finding,
    stage::Stage,
};

pub(super) struct CreateCompany;

#[async_trait(?Send)]
impl Measurement for CreateCompany {
    fn id(&self) -> &'static str {
        "P3"
    }

    fn title(&self) -> &'static str {
        "POST /company"
    }

    /// Founders take turns: nobody has thousands of companies, whose rights would be loaded anew with each next one.
    async fn take(&self, stage: &Stage, found: &mut Vec<Finding>) -> Result<(), BenchError> {
        let crowd = stage.crowd("found", stage.settings.people).await?;
        let bare_people = stage.bare_people.clone();
        let bare = founding(stage, &stage.bare, move |n, body| {
            Request::post(format!("/users/{}/companies", bare_people[n % bare_people.len()]), body)
        });
        let service = founding(stage, &stage.service, move |n, body| {
            crowd.people[n % crowd.people.len()].post("/api/v1/company", body)
        });
        let comparison = Comparison::take(
            stage,
            &Side { server: &stage.bare, traffic: bare },
            &Side { server: &stage.service, traffic: service },
        )
        .await?;
        found.push(Finding::ratio(self.title(), comparison, 0.5));
        Ok(())
    }
}

/// Requests that each found a company of a name of its own.
fn founding(
    stage: &Stage,
    server: &Server,
    request: impl Fn(usize, &serde_json::Value) -> Request + Send + Sync + 'static,
) -> Traffic {
    let host = server.address().to_string();
    let stride = stage.settings.connections as usize;
    let founded = Arc::new(AtomicU64::new(0));
    Traffic::new(server.address(), 201, move |turn, buffer| {
        let name = format!("Company number {}", founded.fetch_add(1, Ordering::Relaxed));
        request(turn.connection + turn.number * stride, &json!({ "name": name })).write(&host, buffer);
    })
}
