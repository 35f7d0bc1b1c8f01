//! The development inbox: in local mode messages go nowhere but here and to the log, where people and tests read them.
//!
//! It is in the memory of one process: a worker started by itself shows its messages in its log alone.

mod http;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use ouvira_common::{
    id::uuid_at,
    ports::{DeliveryError, Mail, Mailer, Receipt, Sms, SmsFate, SmsSender},
    text::{Channel, fold},
    time::{Clock, Timestamp},
};
use serde_json::{Map, Value};
use uuid::Uuid;

pub(crate) use self::http::inbox_routes;

/// How many messages are kept; older ones go.
const CAPACITY: usize = 200;

const KEPT: Receipt = Receipt { provider: "inbox", reference: None, status: None };

/// A message that would have been sent.
#[derive(Debug, Clone)]
struct Item {
    id: Uuid,
    channel: Channel,
    to: String,
    subject: Option<String>,
    body: String,
    data: Map<String, Value>,
    created_at: Timestamp,
}

/// The newest messages of this process. Cheap to clone: all clones are one inbox.
#[derive(Clone)]
pub(crate) struct Inbox {
    items: Arc<Mutex<VecDeque<Item>>>,
    clock: Arc<dyn Clock>,
}

impl Inbox {
    /// An empty inbox.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { items: Arc::default(), clock }
    }

    fn keep(&self, channel: Channel, to: &str, subject: Option<&str>, body: &str, data: &Map<String, Value>) {
        let now = self.clock.now();
        let about = subject.map(|subject| format!(", {subject}")).unwrap_or_default();
        tracing::info!(channel = channel.as_str(), "not sent to {to}{about}:\n{}\n", body.trim_end());
        let item = Item {
            id: uuid_at(now),
            channel,
            to: to.to_owned(),
            subject: subject.map(str::to_owned),
            body: body.to_owned(),
            data: data.clone(),
            created_at: now,
        };
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.truncate(CAPACITY - 1);
        items.push_front(item);
    }

    /// The messages to the address `to`, or all of them; the newest first.
    fn list(&self, to: Option<&str>) -> Vec<Item> {
        let to = to.map(address);
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.iter().filter(|item| to.as_ref().is_none_or(|to| address(&item.to) == *to)).cloned().collect()
    }
}

/// An address as it is compared. The plus of a number that was not escaped arrives as a space.
fn address(text: &str) -> String {
    let folded = fold(text);
    let digits = !folded.is_empty() && folded.chars().all(|c| c.is_ascii_digit());
    if digits { format!("+{folded}") } else { folded }
}

#[async_trait]
impl Mailer for Inbox {
    async fn send(&self, mail: &Mail) -> Result<Receipt, DeliveryError> {
        self.keep(Channel::Email, mail.to.as_str(), Some(&mail.subject), &mail.text, &mail.data);
        Ok(KEPT)
    }
}

#[async_trait]
impl SmsSender for Inbox {
    async fn send(&self, sms: &Sms) -> Result<Receipt, DeliveryError> {
        self.keep(Channel::Sms, sms.to.as_str(), None, &sms.text, &sms.data);
        Ok(KEPT)
    }

    async fn fate(&self, _: &str) -> Result<SmsFate, DeliveryError> {
        Ok(SmsFate::Delivered)
    }
}
