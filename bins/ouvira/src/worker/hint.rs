//! Hints that an outbox has something: NOTIFY over the common database, after the commit and never in a request's
//! transaction, where it would take a lock on the whole instance. A hint may be lost; workers look by themselves too.

use std::{collections::HashSet, sync::Arc, time::Duration};

use diesel::{sql_query, sql_types::Text};
use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
use futures_util::StreamExt as _;
use ouvira_common::{
    db::{Endpoint, connect},
    tenant::Placement,
};
use tokio::sync::mpsc;

const CHANNEL: &str = "ouvira_outbox";
/// Pause before connecting again.
const PAUSE: Duration = Duration::from_secs(1);
/// Hints within this long are sent as one.
const GATHER: Duration = Duration::from_millis(20);

/// Sends hints; cheap to clone.
#[derive(Clone)]
pub(crate) struct HintSender(mpsc::Sender<Option<String>>);

impl HintSender {
    /// Starts a task that sends hints as the role of `endpoint`.
    pub(crate) fn start(endpoint: Endpoint) -> Self {
        let (sender, mut hints) = mpsc::channel::<Option<String>>(1024);
        tokio::spawn(async move {
            let mut conn = None;
            while let Some(hint) = hints.recv().await {
                tokio::time::sleep(GATHER).await;
                let mut gathered = HashSet::from([hint]);
                while let Ok(more) = hints.try_recv() {
                    gathered.insert(more);
                }
                if conn.is_none() {
                    conn = connect(&endpoint, None).await.ok();
                }
                let Some(open) = &mut conn else { continue };
                for database in gathered {
                    let notify = sql_query("SELECT pg_notify($1, $2)").bind::<Text, _>(CHANNEL);
                    if notify.bind::<Text, _>(database.unwrap_or_default()).execute(open).await.is_err() {
                        conn = None;
                        break;
                    }
                }
            }
        });
        Self(sender)
    }

    /// Says that something was left in the outbox of that placement. Dropped when too many are waiting.
    pub(crate) fn hint(&self, placement: &Placement) {
        drop(self.0.try_send(placement.database.clone()));
    }
}

/// Hints as they arrive.
pub(super) struct Hints(mpsc::Receiver<Option<String>>, Vec<Option<String>>);

impl Hints {
    /// Starts a task that listens as the role of `endpoint`, again and again.
    pub(super) fn listen(endpoint: Endpoint) -> Self {
        let (sender, hints) = mpsc::channel(1024);
        let sender = Arc::new(sender);
        tokio::spawn(async move {
            while !sender.is_closed() {
                if let Ok(mut conn) = connect(&endpoint, None).await
                    && conn.batch_execute(&format!("LISTEN {CHANNEL}")).await.is_ok()
                {
                    let mut notifications = std::pin::pin!(conn.notifications_stream());
                    while let Some(Ok(hint)) = notifications.next().await {
                        let database = (!hint.payload.is_empty()).then_some(hint.payload);
                        drop(sender.try_send(database));
                    }
                }
                tokio::time::sleep(PAUSE).await;
            }
        });
        Self(hints, Vec::new())
    }

    /// Waits for one.
    pub(super) async fn arrive(&mut self) {
        match self.0.recv().await {
            Some(hint) => self.1.push(hint),
            None => std::future::pending().await,
        }
    }

    /// The databases hinted at since the last call.
    pub(super) fn take(&mut self) -> HashSet<Option<String>> {
        while let Ok(hint) = self.0.try_recv() {
            self.1.push(hint);
        }
        self.1.drain(..).collect()
    }
}
