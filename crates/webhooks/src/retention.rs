//! Forgetting old deliveries.

use chrono::Duration;
use ouvira_common::{context::RequestContext, time::Timestamp};
use uuid::{Builder, Uuid};

use crate::{WebhookError, Webhooks, store};

/// How long a delivery can be looked at and replayed, in days.
pub const KEPT_DAYS: i64 = 30;

impl Webhooks {
    /// Removes at most `most` deliveries that are older than [`KEPT_DAYS`], as a job of the tenant; answers how many.
    pub async fn remove_old_deliveries(
        &self,
        ctx: &RequestContext,
        most: u16,
    ) -> Result<usize, WebhookError> {
        let oldest = least_id_of(ctx.now() - Duration::days(KEPT_DAYS));
        self.0.db.write(ctx, async |tx| Ok(store::remove_deliveries(tx, oldest, most.into()).await?)).await
    }
}

/// The least `UUIDv7` of that millisecond: ids are in the order of their times.
fn least_id_of(at: Timestamp) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}
