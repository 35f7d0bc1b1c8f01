//! The logs: sealing, and for how long rows are kept.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ouvira_audit::{keeping::keep, seal::Sealing};
use ouvira_common::{db::Endpoint, time::Timestamp};
use tokio::sync::Mutex;

use super::OwnDatabases;

/// How long the tenants' own databases may go without a look for rows to be sealed.
const OWN: Duration = Duration::from_secs(30);

/// What the logs' chores work with.
pub(crate) struct Logs {
    sealing: Mutex<Rounds>,
    owner: Endpoint,
    databases: Arc<dyn OwnDatabases>,
}

struct Rounds {
    sealing: Sealing,
    own_looked_at: Option<Instant>,
}

impl Logs {
    /// The logs, sealed by `sealing`, of the common database behind `owner` and the tenants' own.
    pub(crate) fn new(sealing: Sealing, owner: Endpoint, databases: Arc<dyn OwnDatabases>) -> Self {
        Self { sealing: Mutex::new(Rounds { sealing, own_looked_at: None }), owner, databases }
    }

    /// Seals what is new; the own databases' every other time.
    pub(super) async fn seal(&self) -> Result<(), String> {
        let mut rounds = self.sealing.lock().await;
        let mut own = Vec::new();
        if rounds.own_looked_at.is_none_or(|at| at.elapsed() >= OWN) {
            rounds.own_looked_at = Some(Instant::now());
            own = self.databases.names().await?;
        }
        match rounds.sealing.round(&own).await {
            Ok(Some(report)) if report.failed > 0 => {
                Err(format!("{} tenants could not be sealed", report.failed))
            }
            Ok(_) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Makes partitions ahead and removes rows whose time is over, in every database.
    pub(super) async fn keep(&self, now: Timestamp) -> Result<(), String> {
        let mut failed = Vec::new();
        for database in std::iter::once(None).chain(self.databases.names().await?.into_iter().map(Some)) {
            let name = database.as_deref().unwrap_or("common").to_owned();
            match keep(&self.owner, database.as_deref(), now).await {
                Ok(report) => tracing::debug!(
                    database = name,
                    made = report.made,
                    dropped = report.dropped,
                    deleted = report.deleted,
                    "the logs' tables were kept in order"
                ),
                // The others do not wait for one that is away.
                Err(error) => failed.push(format!("{name}: {error}")),
            }
        }
        if failed.is_empty() { Ok(()) } else { Err(failed.join("; ")) }
    }
}
