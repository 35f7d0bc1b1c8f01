//! `ouvira migrate`.

use std::num::NonZeroUsize;

use clap::Args;
use ouvira_common::time::{Clock as _, SystemClock};
use ouvira_tenancy::{FleetReport, FleetStatus, Placements};
use serde_json::json;

use super::{Answer, CommandError};
use crate::{
    config::Config,
    node::history,
    platform::{Databases, Platform},
};

/// Bring every placement to this release's tables. May be interrupted and repeated; with nothing to do it is one query.
#[derive(Debug, Args)]
pub(super) struct Migrate {
    /// Only say how many placements are at the present.
    #[arg(long, conflicts_with = "plan")]
    status: bool,
    /// Only say what would be applied, and where.
    #[arg(long)]
    plan: bool,
    /// How many placements are migrated side by side.
    #[arg(long, default_value = "4")]
    jobs: NonZeroUsize,
}

impl Migrate {
    pub(super) fn run(&self, config: &Config) -> Result<Answer, CommandError> {
        let databases = Databases::open(config)?;
        let placements = Placements::new(&Platform::need(databases.owner.as_ref()), history());
        super::block_on(async {
            if self.status {
                Ok(status(&placements.status().await?))
            } else if self.plan {
                let pending = placements.plan().await?;
                let lines: Vec<_> = pending
                    .iter()
                    .map(|pending| format!("{}: {}", pending.place, pending.versions.join(", ")))
                    .collect();
                let people = if lines.is_empty() { "Nothing to do".to_owned() } else { lines.join("\n") };
                let machines: Vec<_> = pending
                    .iter()
                    .map(|pending| json!({"place": pending.place, "versions": pending.versions}))
                    .collect();
                Ok(Answer::new(people, json!({"pending": machines})))
            } else {
                report(&placements.migrate(self.jobs, SystemClock.now()).await?)
            }
        })?
    }
}

fn report(done: &FleetReport) -> Result<Answer, CommandError> {
    if !done.failed.is_empty() {
        let faults: Vec<_> = done.failed.iter().map(|(place, why)| format!("{place}: {why}")).collect();
        return Err(CommandError::faults("migration_failed", &faults));
    }
    let prepared = &done.prepared;
    let applied: Vec<&str> =
        [&prepared.core, &prepared.catalog, &prepared.shared].into_iter().flatten().copied().collect();
    let people = match (applied.len(), done.migrated) {
        (0, 0) => "Nothing to do".to_owned(),
        (_, others) => {
            format!("Applied {} migrations to the common database; {others} other placements", applied.len())
        }
    };
    Ok(Answer::new(people, json!({"applied": applied, "migrated": done.migrated})))
}

fn status(status: &FleetStatus) -> Answer {
    let FleetStatus { current, pending, spare, failed } = status;
    let mut lines = vec![format!("{current} at the present, {pending} behind, {spare} spare")];
    let why = |place: &ouvira_tenancy::Place| place.error.clone().unwrap_or_default();
    lines.extend(failed.iter().map(|place| format!("{place}: {}", why(place))));
    let failed: Vec<_> =
        failed.iter().map(|place| json!({"place": place.to_string(), "error": place.error})).collect();
    Answer::new(
        lines.join("\n"),
        json!({"current": current, "pending": pending, "spare": spare, "failed": failed}),
    )
}
