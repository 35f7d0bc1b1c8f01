//! P4: login with a password, against what the cores can hash; and other routes while there are more logins than that.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;

use super::{Comparison, Measurement, Side, compare::whole};
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
/// Connections over which more logins come than can be hashed.
const CROWD: u32 = 256;
/// How many times more.
const EXCESS: f64 = 2.0;
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

    async fn take(&self, stage: &Stage, found: &mut Vec<Finding>) -> Result<(), BenchError> {
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
        let capacity = comparison.median(|pair| &pair.service, |run| run.per_second);
        found.push(Finding::ratio(self.title(), comparison, 0.9));
        found.extend(over_capacity(stage, &crowd, &logins.refused_with(503), capacity).await?);
        Ok(())
    }
}

/// What another route feels of more logins than the cores can hash.
async fn over_capacity(
    stage: &Stage,
    crowd: &Crowd,
    logins: &Traffic,
    capacity: f64,
) -> Result<Vec<Finding>, BenchError> {
    let other = stage.repeat(&stage.service, &crowd.get("/api/v1/account/profile"));
    let length = stage.run_length().max(Duration::from_secs(5));
    let alone = other.run_at(OTHER_RATE, OTHER_CONNECTIONS, length).await?.flawless()?;
    let (beside, logins) = futures_util::join!(
        other.run_at(OTHER_RATE, OTHER_CONNECTIONS, length),
        logins.run_at(whole(capacity * EXCESS), CROWD, length)
    );
    let (beside, logins) = (beside?.flawless()?, logins?.flawless()?);
    stage.service.settle().await?;

    let (quiet, loud) = (alone.quantiles().p99_ms, beside.quantiles().p99_ms);
    Ok(vec![
        Finding::figure(
            "logins a second when twice as many come as can be hashed",
            logins.throughput(),
            "/s",
        ),
        Finding::figure("refused with 503 meanwhile", logins.refusals_per_second(), "/s"),
        Finding::figure("p99 of GET /account/profile without logins", quiet, "ms"),
        Finding::figure("p99 of GET /account/profile meanwhile", loud, "ms"),
        Finding::figure("the latter by the former", loud / quiet, "×").with(Aim::AtMost(2.0)),
    ])
}
