//! How P1 goes on with more connections at the same time: for the plot.

use async_trait::async_trait;

use super::Measurement;
use crate::{
    error::BenchError,
    load::{Request, Traffic},
    process::Server,
    report::{Against, Curve, Finding, Point},
    stage::Stage,
};

const CONNECTIONS: [u32; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 256];

pub(super) struct Concurrency;

#[async_trait(?Send)]
impl Measurement for Concurrency {
    fn id(&self) -> &'static str {
        "concurrency"
    }

    fn title(&self) -> &'static str {
        "GET /account/profile over more and more connections"
    }

    async fn take(&self, stage: &Stage, found: &mut Vec<Finding>) -> Result<(), BenchError> {
        let crowd = stage.crowd("concurrency", stage.settings.people).await?;
        let bare: Vec<_> =
            stage.bare_people.iter().map(|id| Request::get(format!("/profile/{id}"))).collect();
        let service = crowd.get("/api/v1/account/profile");
        let sides = [("bare handler", &stage.bare, bare), ("service", &stage.service, service)];
        for (name, server, requests) in sides {
            found.push(Finding::Curve(curve(stage, name, server, &requests).await?));
        }
        Ok(())
    }
}

async fn curve(
    stage: &Stage,
    name: &str,
    server: &Server,
    requests: &[Request],
) -> Result<Curve, BenchError> {
    let mut points = Vec::new();
    for connections in CONNECTIONS {
        let traffic = Traffic::repeat(server.address(), 200, connections, requests);
        let sample = traffic.run(connections, stage.run_length()).await?.flawless()?;
        points.push(Point::of(connections, &sample));
        server.settle().await?;
    }
    Ok(Curve { name: format!("{name}: GET /account/profile"), against: Against::Connections, points })
}
