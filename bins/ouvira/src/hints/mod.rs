//! Hints from process to process: NOTIFY over the common database, after the commit and never in a request's transaction,
//! where it would take a lock on the whole instance. A hint may be lost; whoever waits for one looks by itself too.

mod listen;

use std::{collections::HashSet, time::Duration};

use async_trait::async_trait;
use diesel::{sql_query, sql_types::Text};
use diesel_async::RunQueryDsl as _;
use ouvira_audit::StreamHints;
use ouvira_common::{
    db::{Endpoint, connect},
    id::{TenantId, UserId},
    tenant::Placement,
};
use tokio::sync::mpsc;

pub(crate) use listen::{Listener, reader};

/// Hints within this long are sent as one.
const GATHER: Duration = Duration::from_millis(20);
/// Hints that may wait to be sent; more are dropped.
const WAITING: usize = 1024;

/// What a hint is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Channel {
    /// An outbox has something; the payload names its database, the common one by the empty name.
    Outbox,
    /// A user's notifications have something; the payload is `<tenant>:<user>`.
    Notifications,
}

impl Channel {
    /// The channel's name in Postgres.
    const fn name(self) -> &'static str {
        match self {
            Self::Outbox => "ouvira_outbox",
            Self::Notifications => "ouvira_notifications",
        }
    }
}

/// Sends hints; cheap to clone.
#[derive(Clone)]
pub(crate) struct HintSender(mpsc::Sender<(Channel, String)>);

impl HintSender {
    /// Starts a task that sends hints as the role of `endpoint`.
    pub(crate) fn start(endpoint: Endpoint) -> Self {
        let (sender, hints) = mpsc::channel(WAITING);
        tokio::spawn(send(endpoint, hints));
        Self(sender)
    }

    /// Says that something was left in the outbox of that placement.
    pub(crate) fn outbox(&self, placement: &Placement) {
        drop(self.0.try_send((Channel::Outbox, placement.database.clone().unwrap_or_default())));
    }
}

#[async_trait]
impl StreamHints for HintSender {
    async fn hint(&self, tenant: TenantId, user: UserId) {
        drop(self.0.try_send((Channel::Notifications, format!("{tenant}:{user}"))));
    }
}

async fn send(endpoint: Endpoint, mut hints: mpsc::Receiver<(Channel, String)>) {
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
        for (channel, payload) in gathered {
            let notify = sql_query("SELECT pg_notify($1, $2)").bind::<Text, _>(channel.name());
            if notify.bind::<Text, _>(payload).execute(open).await.is_err() {
                conn = None;
                break;
            }
        }
    }
}
