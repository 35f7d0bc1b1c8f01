//! `ouvira rls`.

use clap::{Args, Subcommand};
use ouvira_common::id::TenantId;
use ouvira_tenancy::{Placements, Selection};
use serde_json::json;

use super::{Answer, CommandError};
use crate::{
    config::Config,
    node::history,
    platform::{Databases, Platform},
};

/// The policies that wall tenants off from each other.
#[derive(Debug, Subcommand)]
pub(super) enum Rls {
    /// Print their SQL.
    Print(Which),
    /// Say what is wrong with them; fails when something is.
    Check(Which),
    /// Write them anew.
    Apply(Which),
}

/// Of which placements.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// Of one tenant's own placement; of all when left out.
    #[arg(long)]
    tenant: Option<TenantId>,
}

impl Which {
    fn selection(&self) -> Selection {
        self.tenant.map_or(Selection::All, Selection::Of)
    }
}

impl Rls {
    pub(super) fn run(self, config: &Config) -> Result<Answer, CommandError> {
        let databases = Databases::open(config)?;
        let placements = Placements::new(&Platform::need(databases.owner.as_ref()), history());
        super::block_on(async {
            match self {
                Self::Print(which) => {
                    let sql = placements.rls_print(which.selection()).await?;
                    Ok(Answer::new(sql.clone(), json!({"sql": sql})))
                }
                Self::Check(which) => {
                    let faults = placements.rls_check(which.selection()).await?;
                    if faults.is_empty() {
                        Ok(Answer::new("All walls stand", json!({"faults": faults})))
                    } else {
                        Err(CommandError::faults("rls_faults", &faults))
                    }
                }
                Self::Apply(which) => {
                    let placements = placements.rls_apply(which.selection()).await?;
                    Ok(Answer::new(
                        format!("Written in {placements} placements"),
                        json!({"placements": placements}),
                    ))
                }
            }
        })?
    }
}
