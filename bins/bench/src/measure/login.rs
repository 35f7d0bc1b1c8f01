//! P4: login with a password, against what the cores can hash; and other routes while there are more logins than that.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;

use super::{Comparison, Measurement, Side, beside::beside, compare::whole};
use crate::{
    bare,
    error::BenchError,
    load::{Request, Traffic},
    report::Finding,
    service::Crowd,
    stage::Stage,
};

/// People who log in again and again.
const PEOPLE: u32 = 64;
/// Connections over which more logins come than can be hashed.
const CROWD: u32 = 256;
/// How many times more.
const EXCESS: f64 = 2.0;

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
    let length = stage.run_length().max(Duration::from_secs(5));
    let name = "twice as many logins as can be hashed";
    let logins = async { logins.run_at(whole(capacity * EXCESS), CROWD, length).await?.flawless() };
    let (logins, felt) = beside(stage, crowd, length, name, logins).await?;
    let mut found = vec![
        Finding::figure("logins a second when twice as many come", logins.throughput(), "/s"),
        Finding::figure("refused with 503 meanwhile", logins.refusals_per_second(), "/s"),
    ];
    found.extend(felt);
    Ok(found)
}
