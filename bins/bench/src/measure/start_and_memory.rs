//! P10: start to ready with a database at hand; memory at rest, and after many requests of many tenants.

use std::time::Duration;

use async_trait::async_trait;
use tokio::time::sleep;

use super::{Measurement, median};
use crate::{
    error::BenchError,
    process::{Server, resident_bytes},
    report::{Aim, Finding},
    stage::Stage,
};

/// Starts that are timed.
const STARTS: u32 = 7;
/// Requests after which memory is looked at again.
const REQUESTS: usize = 100_000;

pub(super) struct StartAndMemory;

#[async_trait(?Send)]
impl Measurement for StartAndMemory {
    fn id(&self) -> &'static str {
        "P10"
    }

    fn title(&self) -> &'static str {
        "start to ready; memory"
    }

    async fn take(&self, stage: &Stage, found: &mut Vec<Finding>) -> Result<(), BenchError> {
        let mut times = Vec::new();
        for _ in 0..STARTS {
            let node = stage.second_node().await?;
            times.push(node.start_time().as_secs_f64() * 1000.0);
            node.stop().await;
        }
        found.push(
            Finding::figure("start to ready with a database at hand", median(times.into_iter()), "ms")
                .with(Aim::AtMost(500.0)),
        );

        let node = stage.second_node().await?;
        sleep(Duration::from_secs(3)).await;
        let Some(idle) = resident(&node) else {
            eprintln!("  memory is only looked at on Linux");
            node.stop().await;
            return Ok(());
        };
        found.push(Finding::figure("memory at rest", idle, "MB").with(Aim::AtMost(60.0)));

        let people = stage.administrators().await?;
        let tenants = people.len();
        let requests: Vec<_> = people.iter().map(|person| person.get("/api/v1/account/profile")).collect();
        let traffic = stage.repeat(&node, &requests);
        let mut answered = 0;
        while answered < REQUESTS {
            answered +=
                traffic.run(stage.settings.connections, stage.run_length()).await?.flawless()?.answered();
        }
        let name = format!("memory after {answered} requests of {tenants} tenants");
        found.extend(
            resident(&node).map(|after| Finding::figure(&name, after, "MB").with(Aim::AtMost(150.0))),
        );
        node.stop().await;
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "no process has 2^52 bytes")]
fn resident(node: &Server) -> Option<f64> {
    resident_bytes(node.pid()).map(|bytes| bytes as f64 / 1e6)
}
