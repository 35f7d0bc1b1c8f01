//! Hearing hints.

use std::{collections::HashSet, time::Duration};

use diesel_async::SimpleAsyncConnection as _;
use futures_util::StreamExt as _;
use ouvira_common::{
    db::{Endpoint, connect},
    id::{TenantId, UserId},
};
use tokio::sync::mpsc;

use super::{Channel, WAITING};

/// Pause before connecting again.
const PAUSE: Duration = Duration::from_secs(1);

/// Hints of one channel as they arrive.
pub(crate) struct Listener {
    hints: mpsc::Receiver<String>,
    arrived: HashSet<String>,
}

impl Listener {
    /// Starts a task that listens as the role of `endpoint`, and connects again when the connection is lost.
    pub(crate) fn start(endpoint: Endpoint, channel: Channel) -> Self {
        let (sender, hints) = mpsc::channel(WAITING);
        tokio::spawn(listen(endpoint, channel, sender));
        Self { hints, arrived: HashSet::new() }
    }

    /// Waits for one; it is among those that [`Self::take`] gives.
    pub(crate) async fn arrive(&mut self) {
        match self.hints.recv().await {
            Some(hint) => {
                self.arrived.insert(hint);
            }
            None => std::future::pending().await,
        }
    }

    /// Those that arrived since the last call.
    pub(crate) fn take(&mut self) -> HashSet<String> {
        while let Ok(hint) = self.hints.try_recv() {
            self.arrived.insert(hint);
        }
        std::mem::take(&mut self.arrived)
    }
}

/// Whose notifications a payload is about.
pub(crate) fn reader(payload: &str) -> Option<(TenantId, UserId)> {
    let (tenant, user) = payload.split_once(':')?;
    Some((tenant.parse().ok()?, user.parse().ok()?))
}

async fn listen(endpoint: Endpoint, channel: Channel, sender: mpsc::Sender<String>) {
    while !sender.is_closed() {
        if let Ok(mut conn) = connect(&endpoint, None).await
            && conn.batch_execute(&format!("LISTEN {}", channel.name())).await.is_ok()
        {
            let mut notifications = std::pin::pin!(conn.notifications_stream());
            while let Some(Ok(hint)) = notifications.next().await {
                drop(sender.try_send(hint.payload));
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}
