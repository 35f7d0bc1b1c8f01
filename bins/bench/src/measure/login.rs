//! P4: login with a password, against what the cores can hash; and other routes while there are more logins than that.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;

use super::{Comparison, Measurement, Side};
use crate::{
    bare,
    error::BenchError,
    load::{Request, Traffic},
    report::{Aim, Finding},
    service::Crowd,
    stage::Stage,
};

/// People who log in again and again.
const PEOPLE: u32 = 64;
/// Logins under way at once when there are more than can be hashed.
const CROWD: u32 = 256;
/// Requests a second of the route that is looked at meanwhile.
const OTHER_RATE: u32 = 200;
/// Connections of that route.
const OTHER_CONNECTIONS: u32 = 8;

pub(super) struct Login;

#[async_trait(?Send)]
impl Measurement for Login {
    fn id(&self) -> &'static str {
        "P4"
    }

    fn title(&self) -> &'static str {
        "POST /auth/login"
    }

    async fn take(&self, stage: &Stage) -> Result<Vec<Finding>, BenchError> {
        let crowd = stage.crowd("login", PEOPLE).await?;
        let hash = Request::post(bare::HASH, &json!({ "password": "measure twice, cut once" }));
        let logins: Vec<_> = crowd.people.iter().map(crate::service::Person::login).collect();
        let logins = stage.repeat(&stage.service, &logins);
        let comparison = Comparison::take(
            stage,
            &Side { server: &stage.bare, traffic: stage.repeat(&stage.bare, &[hash]) },
            &Side { server: &stage.service, traffic: logins.clone() },
        )
        .await?;
        let mut findings = vec![Finding::ratio(self.title(), comparison, 0.9)];
        findings.extend(over_capacity(stage, &crowd, &logins.refused_with(503)).await?);
        Ok(findings)
    }
}

/// What another route feels of more logins than the cores can hash.
async fn over_capacity(stage: &Stage, crowd: &Crowd, logins: &Traffic) -> Result<Vec<Finding>, BenchError> {
    let other = stage.repeat(&stage.service, &crowd.get("/api/v1/account/profile"));
    let length = stage.run_length().max(Duration::from_secs(5));
    let alone = other.run_at(OTHER_RATE, OTHER_CONNECTIONS, length).await?.flawless()?;
    let (beside, logins) =
        futures_util::join!(other.run_at(OTHER_RATE, OTHER_CONNECTIONS, length), logins.run(CROWD, length));
    let (beside, logins) = (beside?.flawless()?, logins?.flawless()?);
    stage.service.settle().await?;

    let (quiet, loud) = (alone.quantiles().p99_ms, beside.quantiles().p99_ms);
    Ok(vec![
        Finding::figure("logins a second over capacity", logins.throughput(), "/s"),
        Finding::figure("logins refused with 503 meanwhile", logins.refusals_per_second(), "/s"),
        Finding::figure("p99 of GET /account/profile without logins", quiet, "ms"),
        Finding::figure("p99 of GET /account/profile with logins over capacity", loud, "ms"),
        Finding::figure("the latter by the former", loud / quiet, "×").with(Aim::AtMost(2.0)),
    ])
}
