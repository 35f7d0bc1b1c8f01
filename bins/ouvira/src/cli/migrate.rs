//! `ouvira migrate`.

use clap::Args;
use ouvira_common::time::{Clock as _, SystemClock};
use ouvira_tenancy::Placements;
use serde_json::json;

use super::{Answer, CommandError};
use crate::{config::Config, node::history, platform::Platform};

/// Bring every placement to this release's tables. May be interrupted and repeated.
#[derive(Debug, Args)]
pub(super) struct Migrate {}

impl Migrate {
    pub(super) fn run(&self, config: &Config) -> Result<Answer, CommandError> {
        let platform = Platform::open(config)?;
        let owner = Platform::need(platform.owner.as_ref());
        super::block_on(async {
            let done = Placements::new(&owner, history()).prepare(SystemClock.now()).await?;
            let applied: Vec<&str> = [&done.core, &done.catalog, &done.shared].into_iter().flatten().copied().collect();
            let people = if applied.is_empty() { "Nothing to do".to_owned() } else { format!("Applied {}", applied.join(", ")) };
            Ok(Answer::new(people, json!({"applied": applied})))
        })?
    }
}
