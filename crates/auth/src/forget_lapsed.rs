//! Rows that nobody needs any more.

use chrono::Duration;
use ouvira_common::context::RequestContext;

use crate::{
    Auth, AuthError,
    store::forgetting::{self, Before},
};

/// Codes, links and half-finished logins stay for so long after they lapsed: an event that is handled late finds that it was
/// handled before.
const SINGLE_USE_KEPT: Duration = Duration::days(7);
/// Sessions stay for so long after they ended.
const SESSIONS_KEPT: Duration = Duration::days(30);
/// A device that nobody signed in from for so long is a new one again.
const DEVICES_KEPT: Duration = Duration::days(400);

/// How far [`Auth::forget_lapsed`] came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgotten {
    /// Rows deleted.
    pub rows: u64,
    /// Whether some are left.
    pub more: bool,
}

impl Auth {
    /// Deletes codes, single-use tokens and logins that lapsed a week ago, sessions that ended a month ago, devices that were
    /// not seen for a year, and counters whose time is over: at most `batch` rows of each sort, in one transaction. Two at
    /// once leave each other's rows alone. For the worker, from time to time.
    pub async fn forget_lapsed(&self, ctx: &RequestContext, batch: u16) -> Result<Forgotten, AuthError> {
        let now = ctx.now();
        let before = Before {
            single_use: now - SINGLE_USE_KEPT,
            sessions: now - SESSIONS_KEPT,
            devices: now - DEVICES_KEPT,
            counters: now,
        };
        self.db.write(ctx, async |tx| Ok(forgetting::forget(tx, &before, batch.into()).await?)).await
    }
}
