//! What became of messages, in the security log of the tenant that they were sent for (A8). Each row has the id of the request
//! that asked for the message, as the row of that request has; no address is in it, and no text.

use std::{borrow::Cow, sync::Arc};

use ouvira_common::{
    context::RequestContext,
    db::{Db, DbError},
    outbox::OutboxEvent,
    ports::{AuditSink, Outcome, Receipt, SecurityEvent},
    text::Channel,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// A message as the log knows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Sent {
    /// The same in all rows about it.
    pub(super) message: Uuid,
    pub(super) template: Cow<'static, str>,
    pub(super) channel: Channel,
}

impl Sent {
    fn with(&self, more: Value) -> Value {
        let mut details =
            json!({"message": self.message, "template": self.template, "channel": self.channel});
        if let (Value::Object(details), Value::Object(more)) = (&mut details, more) {
            details.extend(more);
        }
        details
    }
}

/// Twilio took an SMS: what becomes of it is still to be asked.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SmsTaken {
    #[serde(flatten)]
    pub(super) sent: Sent,
    /// Its number there.
    pub(super) reference: String,
}

impl OutboxEvent for SmsTaken {
    const TOPIC: &'static str = "sms.taken.v1";
}

/// Writes the rows. Cheap to clone.
#[derive(Clone)]
pub(crate) struct MessageLog {
    /// The way to the database.
    pub(crate) db: Db,
    /// The logs.
    pub(crate) audit: Arc<dyn AuditSink>,
}

impl MessageLog {
    /// A provider took it at the `attempt`-th attempt. What becomes of an SMS is asked later.
    pub(super) async fn sent(
        &self,
        ctx: &RequestContext,
        sent: &Sent,
        receipt: Receipt,
        attempt: u32,
    ) -> Result<(), DbError> {
        let Receipt { provider, reference, status } = receipt;
        let details =
            json!({"provider": provider, "reference": reference, "status": status, "attempt": attempt});
        let taken = reference.filter(|_| sent.channel == Channel::Sms);
        let taken = taken.map(|reference| SmsTaken { sent: sent.clone(), reference });
        let event = event("message.sent", Outcome::Success, sent.with(details));
        self.db
            .write(ctx, async |tx| {
                self.audit.security(tx, event.clone());
                if let Some(taken) = &taken {
                    tx.publish(taken);
                }
                Ok(())
            })
            .await
    }

    /// It arrived.
    pub(super) async fn delivered(&self, ctx: &RequestContext, sent: &Sent) -> Result<(), DbError> {
        self.write(ctx, event("message.delivered", Outcome::Success, sent.with(json!({})))).await
    }

    /// It was given up, or its provider did.
    pub(super) async fn failed(
        &self,
        ctx: &RequestContext,
        sent: &Sent,
        reason: &str,
    ) -> Result<(), DbError> {
        self.write(ctx, event("message.failed", Outcome::Failure, sent.with(json!({"reason": reason})))).await
    }

    async fn write(&self, ctx: &RequestContext, event: SecurityEvent) -> Result<(), DbError> {
        self.db
            .write(ctx, async |tx| {
                self.audit.security(tx, event.clone());
                Ok(())
            })
            .await
    }
}

fn event(event: &'static str, outcome: Outcome, details: Value) -> SecurityEvent {
    SecurityEvent { event, outcome, user: None, details }
}
