//! P6: a permission check in process, and a hundred questions over HTTP.

use std::{hint::black_box, time::Instant};

use async_trait::async_trait;
use ouvira_access_control::{Catalogue, GrantDeps, Grants, MIGRATIONS, Rights};
use ouvira_common::{
    db::DbError,
    id::CompanyId,
    permission::{Permission, Scope, SystemRole},
    ports::{CompanyTree as _, PermissionChecker as _},
    tenant::PlacementMode,
    testing::{
        TestTenant,
        fakes::{MemoryUsers, RecordingAudit, RecordingNotifier},
    },
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;

use super::{Measurement, median};
use crate::{
    error::BenchError,
    load::{Connection, Request},
    report::{Aim, Finding},
    service::Client,
    stage::Stage,
};

/// Companies in which the one who asks holds something.
const COMPANIES: usize = 100;
/// Checks that are timed together, and how often.
const BATCH: u16 = 1000;
const BATCHES: usize = 501;
/// Requests with a hundred questions each, one at a time.
const REQUESTS: usize = 500;
const PATH: &str = "/api/v1/access-control/check";

const READ: Permission =
    Permission { code: "thing.read", description: "", held_by: &[SystemRole::Admin, SystemRole::Viewer] };

pub(super) struct Check;

#[derive(Deserialize)]
struct Founded {
    id: String,
}

#[derive(Deserialize)]
struct Answers {
    results: Vec<IgnoredAny>,
}

#[async_trait(?Send)]
impl Measurement for Check {
    fn id(&self) -> &'static str {
        "P6"
    }

    fn title(&self) -> &'static str {
        "permission checks"
    }

    async fn take(&self, stage: &Stage, found: &mut Vec<Finding>) -> Result<(), BenchError> {
        let check = in_process().await;
        found.push(Finding::figure("a check in process, median", check, "µs").with(Aim::AtMost(1.0)));
        let (alone, asked) = over_http(stage).await?;
        found.push(Finding::figure("a route that only passes the gate, median", alone, "ms"));
        found.push(Finding::figure("a hundred questions, median", asked, "ms").with(Aim::AtMost(1.0)));
        Ok(())
    }
}

/// Microseconds of one `require` within a transaction, as use cases ask it.
async fn in_process() -> f64 {
    let tenant = TestTenant::new(PlacementMode::Shared, MIGRATIONS).await;
    let rights = Rights::new(Catalogue::new(&[&[READ]]));
    let grants = Grants::new(GrantDeps {
        rights: rights.clone(),
        users: std::sync::Arc::new(MemoryUsers::default()),
        audit: std::sync::Arc::new(RecordingAudit::default()),
        notifier: std::sync::Arc::new(RecordingNotifier::default()),
    });
    let user = tenant.user().await;
    let ctx = tenant.context(&user);
    let mut companies = Vec::with_capacity(COMPANIES);
    for _ in 0..COMPANIES {
        let company = CompanyId::new_at(tenant.now());
        let founded: Result<(), DbError> =
            tenant.db().write(&ctx, async |tx| grants.founded(tx, company, None, user.id).await).await;
        founded.expect("a root company can be founded");
        companies.push(company);
    }
    let times: Result<Vec<f64>, DbError> = tenant
        .db()
        .read(&ctx, async |tx| {
            let mut times = Vec::with_capacity(BATCHES);
            for _ in 0..BATCHES {
                let begun = Instant::now();
                for company in companies.iter().cycle().take(usize::from(BATCH)) {
                    let allowed = rights.holds(tx, &READ, Scope::Company(black_box(*company))).await?;
                    assert!(black_box(allowed), "the founder owns the company");
                }
                times.push(begun.elapsed().as_secs_f64() * 1e6 / f64::from(BATCH));
            }
            Ok(times)
        })
        .await;
    median(times.expect("the database answers").into_iter())
}

/// Milliseconds of an answer to one request at a time: of a route that only passes the gate, and of a hundred questions.
async fn over_http(stage: &Stage) -> Result<(f64, f64), BenchError> {
    let crowd = stage.crowd("check", 1).await?;
    let person = &crowd.people[0];
    let mut client = Client::connect(stage.service.address()).await?;
    let mut checks = Vec::with_capacity(COMPANIES);
    for number in 0..COMPANIES {
        let body = json!({ "name": format!("Company {number}") });
        let company: Founded = client.call(&person.post("/api/v1/company", &body)).await?;
        checks.push(json!({ "permission": "company.update", "company_id": company.id }));
    }
    let questions = person.post(PATH, &json!({ "checks": checks }));
    let answers: Answers = client.call(&questions).await?;
    if answers.results.len() != COMPANIES {
        let reason = format!("{} answers", answers.results.len());
        return Err(BenchError::Unreadable { request: questions.line(), reason });
    }
    stage.service.settle().await?;
    let alone = latency(stage, &person.get("/api/v1/account/session-tests")).await?;
    Ok((alone, latency(stage, &questions).await?))
}

async fn latency(stage: &Stage, request: &Request) -> Result<f64, BenchError> {
    let address = stage.service.address();
    let bytes = request.to_bytes(&address.to_string());
    let mut connection = Connection::open(address).await.map_err(BenchError::io("connect"))?;
    let mut times = Vec::with_capacity(REQUESTS);
    for _ in 0..REQUESTS {
        let begun = Instant::now();
        let answer = connection.exchange(&bytes).await;
        let answer = answer.map_err(BenchError::io(format!("call {}", request.line())))?;
        if answer.status != 200 {
            let body = String::from_utf8_lossy(answer.body).into_owned();
            return Err(BenchError::Answer { request: request.line(), status: answer.status, body });
        }
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(median(times.into_iter()))
}
