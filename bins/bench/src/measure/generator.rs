//! What the generator itself can do, and costs: against a handler without any work.

use async_trait::async_trait;

use super::{Measurement, Side};
use crate::{
    bare,
    error::BenchError,
    load::{Request, Traffic},
    report::Finding,
    stage::Stage,
};

pub(super) struct Generator;

#[async_trait(?Send)]
impl Measurement for Generator {
    fn id(&self) -> &'static str {
        "P0"
    }

    fn title(&self) -> &'static str {
        "the generator against a handler without work"
    }

    async fn take(&self, stage: &Stage, found: &mut Vec<Finding>) -> Result<(), BenchError> {
        let address = stage.bare.address();
        let requests = [Request::get(bare::NOOP)];
        let traffic = Traffic::repeat(address, 200, stage.settings.connections, &requests);
        let run = Side { server: &stage.bare, traffic }.run(stage).await?;
        found.push(Finding::figure("requests the generator can send", run.per_second, "/s"));
        if let Some(cpu) = run.cpu {
            found.push(Finding::figure("its CPU time for a request", cpu.generator, "µs"));
            found.push(Finding::figure("actix-web's CPU time for a request", cpu.server, "µs"));
        }
        Ok(())
    }
}
