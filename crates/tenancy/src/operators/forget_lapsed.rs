//! Rows of operators' sign-in that nobody needs any more.

use chrono::Duration;

use super::{
    Operators,
    sign_in::store::{Before, forget},
};
use crate::{PlatformContext, error::TenancyError};

/// Logins that waited for a second factor stay for so long after they lapsed.
const LOGINS_KEPT: Duration = Duration::days(7);
/// Sessions stay for so long after they ended.
const SESSIONS_KEPT: Duration = Duration::days(30);
/// A device that an operator did not sign in from for so long is a new one again.
const DEVICES_KEPT: Duration = Duration::days(400);
/// Rows of each sort in one statement.
const BATCH: i64 = 1000;

impl Operators {
    /// Deletes logins that lapsed a week ago, sessions that ended a month ago but the last of each device, devices that were
    /// not seen for a year, and counters whose time is over, and answers how many rows that were. Two at once leave each
    /// other's rows alone. For the worker, from time to time.
    pub async fn forget_lapsed(&self, ctx: &PlatformContext) -> Result<usize, TenancyError> {
        let before = Before {
            now: ctx.now,
            logins: ctx.now - LOGINS_KEPT,
            sessions: ctx.now - SESSIONS_KEPT,
            devices: ctx.now - DEVICES_KEPT,
        };
        let mut conn = self.catalog.connection().await?;
        let mut forgotten = 0;
        loop {
            let (rows, more) = forget(&mut conn, &before, BATCH).await?;
            forgotten += rows;
            if !more {
                return Ok(forgotten);
            }
        }
    }
}
