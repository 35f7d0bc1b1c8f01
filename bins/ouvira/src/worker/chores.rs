//! What the platform does from time to time, whatever happens in the outboxes.

use std::time::Duration;

use ouvira_common::time::{Clock as _, SystemClock};
use ouvira_tenancy::{Placements, PlatformContext, Tenants};
use tokio::{sync::watch, time::timeout};

/// How often.
const OFTEN: Duration = Duration::from_secs(15);
/// Placements kept ready for tenants with a schema of their own.
const SPARE: usize = 2;

/// Completes tenants whose provisioning was interrupted or waits for the owner's hand, and keeps placements ready, until
/// told to stop. Any number of workers may do it; they take turns by locks in the catalog.
pub(crate) async fn keep_up(
    tenants: Tenants,
    placements: Option<Placements>,
    mut stop: watch::Receiver<bool>,
) {
    while !*stop.borrow() {
        let now = SystemClock.now();
        if let Err(error) = tenants.finish_all(&PlatformContext::system(now)).await {
            tracing::warn!(%error, "tenants that wait cannot be completed");
        }
        if let Some(placements) = &placements
            && let Err(error) = placements.keep_spare(SPARE, now).await
        {
            tracing::warn!(%error, "no spare placement can be made");
        }
        // Waits, but not past the word to stop.
        let _ = timeout(OFTEN, stop.changed()).await;
    }
}
