//! P8: making tenants over HTTP; what one takes, and what everybody else feels of twenty at once.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use futures_util::future::try_join_all;
use serde::de::IgnoredAny;
use tokio::time::{sleep, sleep_until};

use super::{Measurement, beside::beside, median};
use crate::{
    error::BenchError,
    load::Request,
    postgres,
    report::{Aim, Finding},
    service::{Client, Operator, Placement, counted},
    stage::Stage,
};

/// Tenants of each kind that are timed.
const SHARED: usize = 20;
const SCHEMA: usize = 4;
/// Tenants that are made at once, each second.
const AT_ONCE: usize = 20;
/// How often the worker is looked at that makes spare schemas.
const POLL: Duration = Duration::from_millis(100);

pub(super) struct Provision;

#[async_trait(?Send)]
impl Measurement for Provision {
    fn id(&self) -> &'static str {
        "P8"
    }

    fn title(&self) -> &'static str {
        "POST /tenants"
    }

    async fn take(&self, stage: &Stage, found: &mut Vec<Finding>) -> Result<(), BenchError> {
        let founder = Founder { operator: stage.operator("provision").await?, made: AtomicU32::new(0) };
        in_common_tables(stage, &founder, found).await?;
        in_own_schema(stage, &founder, found).await?;
        for placement in [Placement::Shared, Placement::Schema] {
            while_twenty_are_made(stage, &founder, placement, found).await?;
        }
        Ok(())
    }
}

/// Makes tenants of names of their own.
struct Founder {
    operator: Operator,
    made: AtomicU32,
}

impl Founder {
    fn next(&self, placement: Placement) -> Request {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        self.operator.new_tenant(&format!("bench-made-{number}"), placement, None)
    }

    /// Milliseconds until one more is there.
    async fn time(&self, stage: &Stage, placement: Placement) -> Result<f64, BenchError> {
        // Not kept: the service closes connections that are idle for a while, as this one may be before the next tenant.
        let mut client = Client::connect(stage.service.address()).await?;
        let request = self.next(placement);
        let begun = Instant::now();
        let _: IgnoredAny = client.call(&request).await?;
        Ok(begun.elapsed().as_secs_f64() * 1e3)
    }
}

async fn in_common_tables(
    stage: &Stage,
    founder: &Founder,
    found: &mut Vec<Finding>,
) -> Result<(), BenchError> {
    let statements = async || {
        let labels = [("route", "/api/v1/tenants"), ("method", "POST")];
        counted(&stage.service, "ouvira_http_database_statements_total", &labels).await
    };
    founder.time(stage, Placement::Shared).await?;
    let before = statements().await?;
    let mut times = Vec::new();
    for _ in 0..SHARED {
        times.push(founder.time(stage, Placement::Shared).await?);
    }
    #[expect(clippy::cast_precision_loss, reason = "a few tenants")]
    let each = (statements().await? - before) / SHARED as f64;
    found.push(Finding::figure("a tenant in the common tables", each, "statements").with(Aim::AtMost(15.0)));
    found.push(Finding::figure("time of one", median(times.into_iter()), "ms"));
    stage.service.settle().await
}

/// As long as there are spare schemas a new tenant takes one; the worker makes others.
async fn in_own_schema(stage: &Stage, founder: &Founder, found: &mut Vec<Finding>) -> Result<(), BenchError> {
    let catalog = postgres::connect_as_owner(&stage.deployment.data_dir()).await?;
    let (mut from_spare, mut without) = (Vec::new(), Vec::new());
    while from_spare.len() < SCHEMA || without.len() < SCHEMA {
        let spare =
            catalog.query_one("SELECT count(*) FROM ouvira_catalog.placements WHERE state = 'spare'", &[]);
        let spare: i64 = spare.await?.get(0);
        if spare == 0 && without.len() >= SCHEMA {
            sleep(POLL).await;
            continue;
        }
        let time = founder.time(stage, Placement::Schema).await?;
        if spare > 0 { from_spare.push(time) } else { without.push(time) }
    }
    let (spare, without) = (median(from_spare.into_iter()), median(without.into_iter()));
    found.push(
        Finding::figure("time of one with a schema of its own, from a spare", spare, "ms")
            .with(Aim::AtMost(15.0)),
    );
    found.push(Finding::figure("the same without a spare", without, "ms").with(Aim::AtMost(300.0)));
    stage.service.settle().await
}

/// Twenty at once, and again with each second, or as soon as those before are there.
async fn while_twenty_are_made(
    stage: &Stage,
    founder: &Founder,
    placement: Placement,
    found: &mut Vec<Finding>,
) -> Result<(), BenchError> {
    let crowd = stage.crowd(&format!("beside-{}", placement.as_str()), 8).await?;
    let length = stage.run_length().max(Duration::from_secs(5));
    let making = async {
        let begun = Instant::now();
        let mut times = Vec::new();
        while begun.elapsed() < length {
            let next = Instant::now() + Duration::from_secs(1);
            times.extend(try_join_all((0..AT_ONCE).map(|_| founder.time(stage, placement))).await?);
            sleep_until(next.into()).await;
        }
        Ok(median(times.into_iter()))
    };
    let name = format!("twenty tenants at a time ({})", placement.as_str());
    let (each, felt) = beside(stage, &crowd, length, &name, making).await?;
    found.push(Finding::figure(&format!("time of one of {name}"), each, "ms"));
    found.extend(felt);
    Ok(())
}
