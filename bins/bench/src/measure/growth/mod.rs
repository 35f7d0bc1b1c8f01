//! P11: lists, filters and checks of one tenant as it grows.

mod lists;
mod seed;

use std::time::Duration;

use async_trait::async_trait;

use self::{
    lists::{List, lists},
    seed::Seed,
};
use super::Measurement;
use crate::{
    error::BenchError,
    load::{Request, Traffic},
    process::Server,
    report::{Against, Aim, Curve, Finding, Point},
    service::Deployment,
    stage::Stage,
};

/// Parts of the whole size at which everything is asked, one after the other.
const STEPS: [u32; 3] = [100, 10, 1];
/// Connections that ask, fewer than there are cores for them and Postgres: it is the time of an answer that is looked at.
const CONNECTIONS: u32 = 1;
/// How long each question is asked at each size.
const LENGTH: Duration = Duration::from_secs(1);

pub(super) struct Growth;

#[async_trait(?Send)]
impl Measurement for Growth {
    fn id(&self) -> &'static str {
        "P11"
    }

    fn title(&self) -> &'static str {
        "growth"
    }

    /// In a deployment of its own. The rows of its log are made up, and their hashes with them: nothing seals them.
    async fn take(&self, stage: &Stage, found: &mut Vec<Finding>) -> Result<(), BenchError> {
        let deployment = Deployment::new(stage.deployment.program())?;
        let variables = [("SCHEDULES", "logs.seal=off".to_owned())];
        let service = deployment.serve("growth", &variables).await?;
        let seed = Seed::plant(&deployment, service.address()).await?;
        let mut asked: Vec<(List, Vec<Seen>)> = Vec::new();
        for step in STEPS {
            let [rows, users, companies] =
                [stage.settings.activity_rows, stage.settings.users, stage.settings.companies]
                    .map(|all| all / step);
            eprintln!("  {rows} rows of the log, {users} users, {companies} companies");
            let middle = seed.grow(rows, users, companies).await?;
            service.settle().await?;
            let lists = lists(&seed, [rows, users, companies], &middle);
            asked.resize_with(lists.len(), || (List::default(), Vec::new()));
            for (list, (last, seen)) in lists.into_iter().zip(&mut asked) {
                seen.push(Seen::at(&service, &list).await?);
                *last = list;
            }
        }
        service.stop().await;
        for (list, seen) in asked {
            found.extend(findings(&list, &seen).into_iter().flatten());
        }
        Ok(())
    }
}

/// What one question was answered like at one size.
struct Seen {
    point: Point,
    p50_ms: f64,
}

impl Seen {
    async fn at(service: &Server, list: &List) -> Result<Self, BenchError> {
        let requests: &[Request] = &list.requests;
        let traffic = Traffic::repeat(service.address(), 200, CONNECTIONS, requests);
        // Plans are made, rights and settings loaded; a failure shows in what follows.
        traffic.run(CONNECTIONS, LENGTH / 4).await?;
        let sample = traffic.run(CONNECTIONS, LENGTH).await?.flawless()?;
        Ok(Self { point: Point::of(list.rows, &sample), p50_ms: sample.quantiles().p50_ms })
    }
}

fn findings(list: &List, seen: &[Seen]) -> Option<[Finding; 3]> {
    let (small, large) = (seen.first()?, seen.last()?);
    let name = format!("{} of {} rows: median", list.name, large.point.size);
    let grown = format!("the same by that of {} rows", small.point.size);
    let points = seen.iter().map(|seen| seen.point).collect();
    Some([
        Finding::figure(&name, large.p50_ms, "ms"),
        Finding::figure(&grown, large.p50_ms / small.p50_ms, "×").with(Aim::AtMost(1.5)),
        Finding::Curve(Curve { name: list.name.to_owned(), against: Against::Rows, points }),
    ])
}
