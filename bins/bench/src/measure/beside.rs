//! What everybody else feels of work that has much to do.

use crate::{
    error::BenchError,
    report::{Aim, Finding},
    service::Crowd,
    stage::Stage,
};

/// Requests a second of the route that is looked at, few enough for it to have no queue of its own.
const RATE: u32 = 200;
/// Connections of that route.
const CONNECTIONS: u32 = 8;

/// `GET /account/profile` by `crowd` without `work`, and while `work` is done; it ought to take no longer than the run of
/// `length` it is done in. `work` is named in the findings.
pub(super) async fn beside<T>(
    stage: &Stage,
    crowd: &Crowd,
    length: std::time::Duration,
    name: &str,
    work: impl Future<Output = Result<T, BenchError>>,
) -> Result<(T, Vec<Finding>), BenchError> {
    let other = stage.repeat(&stage.service, &crowd.get("/api/v1/account/profile"));
    let alone = other.run_at(RATE, CONNECTIONS, length).await?.flawless()?;
    let (meanwhile, done) = futures_util::join!(other.run_at(RATE, CONNECTIONS, length), work);
    let (meanwhile, done) = (meanwhile?.flawless()?, done?);
    stage.service.settle().await?;

    let (quiet, loud) = (alone.quantiles().p99_ms, meanwhile.quantiles().p99_ms);
    let found = vec![
        Finding::figure(&format!("p99 of GET /account/profile without {name}"), quiet, "ms"),
        Finding::figure(&format!("p99 of GET /account/profile beside {name}"), loud, "ms"),
        Finding::figure("the latter by the former", loud / quiet, "×").with(Aim::AtMost(2.0)),
    ];
    Ok((done, found))
}
