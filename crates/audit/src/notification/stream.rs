//! A user's list as it grows.
//!
//! Notices are told in the order in which their transactions are known to be over: by transaction, then by id, and only
//! below the oldest transaction that is still running. So a position names everything that was told before it, and a
//! stream can be taken up on any node, from the id of the last notice alone, without missing one or telling it twice.

use std::time::Duration;

use ouvira_common::{context::RequestContext, id::UserId};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::{
    Notification,
    live::{Live, Watch},
    store,
};
use crate::{Audit, AuditError};

/// How long a stream may be silent; the session is looked at as often.
const SILENCE: Duration = Duration::from_secs(15);
/// How soon after a hint it is looked again when nothing was found: the notice may wait for another transaction.
const AGAIN: Duration = Duration::from_millis(250);
/// Most notices told at once.
const MOST: i64 = 100;

/// Where a stream is: everything up to here was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) txid: i64,
    pub(super) id: Uuid,
}

/// What a stream says.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// These are new, oldest first.
    Notifications(Vec<Notification>),
    /// Nothing is new; the stream is alive.
    Nothing,
    /// The node is going away: take the stream up elsewhere.
    End,
}

/// A user's list as it grows.
pub struct NotificationStream {
    audit: Audit,
    ctx: RequestContext,
    user: UserId,
    position: Position,
    watch: Watch,
    /// Whether a hint came that no notice has explained yet.
    hinted: bool,
}

impl Audit {
    /// The caller's notifications from now on, or from the one after `last`, which was told before.
    pub async fn stream_notifications(
        &self,
        ctx: &RequestContext,
        live: &Live,
        last: Option<Uuid>,
    ) -> Result<NotificationStream, AuditError> {
        let user = ctx.user_id().ok_or(AuditError::NotAUser)?;
        // Before the position is looked up, so that no hint falls between.
        let watch = live.watch(ctx.tenant_id(), user);
        let position = self
            .db
            .read(ctx, async |tx| {
                let resumed = match last {
                    Some(last) => store::position_of(tx, user, last).await?,
                    None => None,
                };
                match resumed {
                    Some(position) => Ok::<_, AuditError>(position),
                    None => Ok(store::present(tx).await?),
                }
            })
            .await?;
        Ok(NotificationStream { audit: self.clone(), ctx: ctx.clone(), user, position, watch, hinted: true })
    }
}

impl NotificationStream {
    /// Waits for what is new, at most 15 seconds. Fails when the session has ended.
    pub async fn next(&mut self) -> Result<Told, AuditError> {
        let until = Instant::now() + SILENCE;
        loop {
            let found = self.look().await?;
            if !found.is_empty() {
                self.hinted = false;
                return Ok(Told::Notifications(found));
            }
            let pause = if self.hinted { until.min(Instant::now() + AGAIN) } else { until };
            match timeout_at(pause, self.watch.woken()).await {
                Ok(true) => self.hinted = true,
                Ok(false) => return Ok(Told::End),
                Err(_) if pause < until => {}
                Err(_) => {
                    self.hinted = false;
                    return Ok(Told::Nothing);
                }
            }
        }
    }

    async fn look(&mut self) -> Result<Vec<Notification>, AuditError> {
        let (user, position) = (self.user, self.position);
        let found = self
            .audit
            .db
            .read(&self.ctx, async |tx| {
                Ok::<_, AuditError>(store::told_after(tx, user, position, MOST).await?)
            })
            .await?;
        if let Some((last, _)) = found.last() {
            self.position = *last;
        }
        Ok(found.into_iter().map(|(_, notification)| notification).collect())
    }
}
