//! How often something may be done for one subject in one window, counted in Postgres, so that no node knows less than
//! another.

use chrono::Duration;
use ouvira_common::db::Tx;

use crate::{
    Auth, AuthError,
    store::attempts::{self, Subject},
};

/// So many in so much time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    kind: &'static str,
    limit: i32,
    window: Duration,
}

/// Codes sent to one address.
pub(crate) const CODES_SENT: Budget = Budget { kind: "codes_sent", limit: 3, window: Duration::hours(1) };
/// Codes typed for one address, right ones included.
pub(crate) const CODES_CHECKED: Budget =
    Budget { kind: "codes_checked", limit: 5, window: Duration::hours(1) };

impl Auth {
    /// Takes one from what `subject` has of `budget`; fails when nothing is left. Free where limits are off.
    pub(crate) async fn spend(&self, tx: &mut Tx, budget: Budget, subject: Subject) -> Result<(), AuthError> {
        if !self.config.rate_limits {
            return Ok(());
        }
        let counted = attempts::count(tx, budget.kind, subject, budget.window).await?;
        if counted.count <= budget.limit {
            return Ok(());
        }
        Err(AuthError::TooMany { retry_after: seconds(counted.started_at + budget.window - tx.now()) })
    }
}

/// Whole seconds, rounded up, at least one: for `Retry-After`.
pub(crate) fn seconds(duration: Duration) -> u64 {
    u64::try_from(duration.num_milliseconds().max(0)).unwrap_or(0).div_ceil(1000).max(1)
}
