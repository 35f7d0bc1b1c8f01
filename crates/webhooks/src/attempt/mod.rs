//! Sending one delivery, again and again until it is taken or given up.

mod record;

use async_trait::async_trait;
use chrono::Duration;
use ouvira_common::{
    context::RequestContext,
    outbox::{ATTEMPTS, Delivery, HandlerError, OutboxEvent, OutboxHandler},
};
use serde::{Deserialize, Serialize};

use self::record::{Recorded, record};
use crate::{
    WebhookError, Webhooks,
    model::{DeliveryId, DeliveryStatus},
    secret::SigningSecret,
    sender::{Attempt, Message},
    signature::sign,
    store::{self, Due},
};

/// A webhook that has taken nothing for this long …
pub const PAUSED_AFTER: Duration = Duration::days(3);
/// … and for this many attempts is paused.
pub const PAUSED_AFTER_FAILURES: i32 = 10;

/// A delivery is to be tried. Its pauses are those of the outbox.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct AttemptDue {
    /// Which one.
    pub delivery_id: DeliveryId,
}

impl OutboxEvent for AttemptDue {
    const TOPIC: &'static str = "webhook.attempt_due.v1";
}

/// Sends deliveries. Nothing is held while the receiver thinks: it is read what to send, sent, and written down.
pub struct SendDeliveries(pub Webhooks);

#[async_trait]
impl OutboxHandler for SendDeliveries {
    fn topics(&self) -> &'static [&'static str] {
        &[AttemptDue::TOPIC]
    }

    async fn handle(&self, ctx: &RequestContext, delivery: &Delivery) -> Result<(), HandlerError> {
        let AttemptDue { delivery_id } = delivery.event()?;
        self.0.attempt(ctx, delivery_id, delivery.attempt).await
    }
}

impl Webhooks {
    async fn attempt(&self, ctx: &RequestContext, id: DeliveryId, attempt: u32) -> Result<(), HandlerError> {
        let due = self.0.db.read(ctx, async |tx| Ok::<_, WebhookError>(store::due(tx, id).await?)).await;
        let Some(due) = due.map_err(transient)? else { return Ok(()) };
        if due.status != DeliveryStatus::Pending {
            return Ok(());
        }
        let outcome = if due.paused {
            Recorded::Skipped
        } else {
            let sent =
                self.send(ctx, &due).await.map_err(|error| HandlerError::Permanent(error.to_string()))?;
            Recorded::Sent { attempt: sent, last: attempt >= ATTEMPTS, number: attempt }
        };
        let again = self.0.db.write(ctx, async |tx| record(self, tx, id, &due, &outcome).await).await;
        let again = again.map_err(transient)?;
        match outcome {
            Recorded::Sent { attempt, .. } if again => {
                let error = attempt.error.unwrap_or("it was not taken").to_owned();
                Err(match attempt.retry_after {
                    Some(after) => HandlerError::Later { error, after },
                    None => HandlerError::Transient(error),
                })
            }
            _ => Ok(()),
        }
    }

    async fn send(&self, ctx: &RequestContext, due: &Due) -> Result<Attempt, WebhookError> {
        let key = &ctx.tenant().data_key;
        let mut secrets = vec![SigningSecret::open(due.webhook, key, &due.secret)?];
        if let Some(former) = due.former_secret.as_ref().filter(|_| due.former_until > Some(ctx.now())) {
            secrets.push(SigningSecret::open(due.webhook, key, former)?);
        }
        let keys: Vec<&[u8]> = secrets.iter().map(SigningSecret::key).collect();
        let (event, timestamp) = (due.event_id.to_string(), ctx.now().timestamp());
        let signature = sign(&keys, &event, timestamp, &due.payload);
        let message = Message { id: &event, timestamp, signature: &signature, body: &due.payload };
        Ok(self.0.sender.send(&due.url, message).await)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what map_err gives")]
fn transient(error: WebhookError) -> HandlerError {
    HandlerError::Transient(error.to_string())
}
