//! P9: many tenants; P1 over all of them against P1 in one, what their backends keep, and migrating them.

use std::time::Instant;

use async_trait::async_trait;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use ouvira_access_control::MIGRATIONS;
use serde::de::IgnoredAny;

use super::{Comparison, Measurement, Side, median};
use crate::{
    error::BenchError,
    load::Request,
    postgres,
    process::{Server, largest_private_child},
    report::{Aim, Finding},
    service::{Client, Person, Placement, administrators},
    stage::Stage,
};

const PATH: &str = "/api/v1/account/profile";
/// Tenants without people, made side by side.
const PARALLEL: usize = 8;
/// Runs of `migrate` with nothing to do.
const RUNS: u32 = 7;

pub(super) struct ManyTenants;

#[async_trait(?Send)]
impl Measurement for ManyTenants {
    fn id(&self) -> &'static str {
        "P9"
    }

    fn title(&self) -> &'static str {
        "many tenants"
    }

    async fn take(&self, stage: &Stage, found: &mut Vec<Finding>) -> Result<(), BenchError> {
        let shared = stage.administrators().await?;
        let idle = fill(stage).await?;
        let number = stage.settings.schema_tenants;
        eprintln!("  making {number} tenants with schemas of their own");
        let operator = stage.operator("schemas").await?;
        let schemas = administrators(&operator, stage.service.address(), Placement::Schema, number).await?;

        // Before there is a second node: each has an inbox of its own.
        let crowd = stage.crowd("one-of-many", stage.settings.people).await?;
        // Of whose backends nobody has asked anything yet.
        let node = stage.second_node().await?;
        let one = Side { server: &node, traffic: stage.repeat(&node, &crowd.get(PATH)) };
        let all = shared.len() + idle as usize;
        let name =
            format!("P1 of {} tenants in turn, of {all} in the common tables; by P1 of one", shared.len());
        found.push(Finding::ratio(
            &name,
            Comparison::take(stage, &one, &side(stage, &node, shared)).await?,
            0.7,
        ));
        let name = format!("P1 of {number} tenants in turn with schemas of their own; by P1 of one");
        found.push(Finding::ratio(
            &name,
            Comparison::take(stage, &one, &side(stage, &node, &schemas)).await?,
            0.7,
        ));
        found.extend(backend(stage));
        node.stop().await;
        migrating(stage, found).await
    }
}

/// Tenants nobody has anything to do with; answers how many.
async fn fill(stage: &Stage) -> Result<u32, BenchError> {
    let missing = stage.settings.shared_tenants.saturating_sub(stage.settings.tenants);
    eprintln!("  making {missing} more tenants without people who ask");
    let operator = stage.operator("filling").await?;
    let operator = &operator;
    let lanes = (0..u32::try_from(PARALLEL).expect("a small number")).map(|lane| async move {
        let mut client = Client::connect(stage.service.address()).await?;
        for number in (lane..missing).step_by(PARALLEL) {
            let request = operator.new_tenant(&format!("bench-idle-{number}"), Placement::Shared, None);
            let _: IgnoredAny = client.call(&request).await?;
        }
        Ok::<_, BenchError>(())
    });
    stream::iter(lanes).buffer_unordered(PARALLEL).try_collect::<()>().await?;
    Ok(missing)
}

fn side<'a>(stage: &Stage, node: &'a Server, people: &[Person]) -> Side<'a> {
    let requests: Vec<Request> = people.iter().map(|person| person.get(PATH)).collect();
    Side { server: node, traffic: stage.repeat(node, &requests) }
}

/// What the largest backend of Postgres has for itself.
#[expect(clippy::cast_precision_loss, reason = "no process has 2^52 bytes")]
fn backend(stage: &Stage) -> Option<Finding> {
    let bytes = largest_private_child(stage.database_pid?)?;
    let name = "memory of a Postgres backend that has served them all, without shared buffers";
    Some(Finding::figure(name, bytes as f64 / 1e6, "MB").with(Aim::AtMost(100.0)))
}

async fn migrating(stage: &Stage, found: &mut Vec<Finding>) -> Result<(), BenchError> {
    let migrate = async |jobs: &str| {
        let begun = Instant::now();
        stage.deployment.run(&["migrate", "--jobs", jobs, "--json"]).await?;
        Ok::<_, BenchError>(begun.elapsed().as_secs_f64() * 1e3)
    };
    let mut times = Vec::new();
    for _ in 0..RUNS {
        times.push(migrate("4").await?);
    }
    let nothing = median(times.into_iter());
    found.push(
        Finding::figure("ouvira migrate with nothing to do, from start to end", nothing, "ms")
            .with(Aim::AtMost(50.0)),
    );
    let schemas = undo(stage).await?;
    let one = migrate("1").await?;
    undo(stage).await?;
    let four = migrate("4").await?;
    found.push(Finding::figure(&format!("migrating {schemas} schemas with one job"), one, "ms"));
    found.push(Finding::figure(&format!("migrating {schemas} schemas with four jobs"), four, "ms"));
    found.push(Finding::figure("the former by the latter", one / four, "×").with(Aim::AtLeast(2.0)));
    Ok(())
}

/// Undoes the last migration of one domain in every tenant's own schema; answers how many there are.
async fn undo(stage: &Stage) -> Result<usize, BenchError> {
    let migration = MIGRATIONS.last().expect("the domain has migrations");
    let owner = postgres::connect_as_owner(&stage.deployment.data_dir()).await?;
    let made = "FROM ouvira_catalog.placements WHERE mode = 'schema' AND state <> 'making'";
    let schemas = owner.query(&format!("SELECT schema_name {made}"), &[]).await?;
    for row in &schemas {
        let schema: &str = row.get(0);
        owner
            .batch_execute(&format!(
                "BEGIN; SET LOCAL search_path TO {schema}, pg_temp; {}; \
                 DELETE FROM schema_migrations WHERE version = '{}'; COMMIT",
                migration.down, migration.version
            ))
            .await?;
    }
    owner
        .batch_execute(
            "UPDATE ouvira_catalog.placements SET history = '' WHERE mode = 'schema' AND state <> 'making'",
        )
        .await?;
    Ok(schemas.len())
}
