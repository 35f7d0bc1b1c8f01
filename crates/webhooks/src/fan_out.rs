//! From an event to the webhooks that subscribed to it: one delivery for each, in one transaction, however often the event
//! is handled.

use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat, Utc};
use ouvira_common::{
    context::RequestContext,
    db::DbError,
    outbox::{Delivery, HandlerError, OutboxHandler},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Webhooks,
    attempt::AttemptDue,
    model::{DeliveryId, DeliveryStatus},
    store::{self, NewDelivery},
};

/// A message of more bytes is not sent.
pub const LARGEST_PAYLOAD: usize = 256 * 1024;

/// Hands the events of all domains to their subscribers.
pub struct FanOut(pub Webhooks);

#[async_trait]
impl OutboxHandler for FanOut {
    fn topics(&self) -> &'static [&'static str] {
        self.0.0.events.topics()
    }

    async fn handle(&self, ctx: &RequestContext, delivery: &Delivery) -> Result<(), HandlerError> {
        let body = body(delivery);
        let handed: Result<(), DbError> = self
            .0
            .0
            .db
            .write(ctx, async |tx| {
                for webhook in store::subscribed(tx, &delivery.topic).await? {
                    let (status, error) = if webhook.paused {
                        (DeliveryStatus::Skipped, Some("the webhook is paused"))
                    } else if body.len() > LARGEST_PAYLOAD {
                        (DeliveryStatus::Failed, Some("the message is too large"))
                    } else {
                        (DeliveryStatus::Pending, None)
                    };
                    let new = NewDelivery {
                        id: DeliveryId::new_at(tx.now()),
                        webhook: webhook.id,
                        event_id: delivery.id,
                        event: &delivery.topic,
                        payload: if body.len() > LARGEST_PAYLOAD { "" } else { &body },
                        status,
                        error,
                    };
                    if store::insert_delivery(tx, &new).await? && status == DeliveryStatus::Pending {
                        tx.publish(&AttemptDue { delivery_id: new.id });
                    }
                }
                Ok(())
            })
            .await;
        Ok(handed?)
    }
}

/// The body: type, time and data of the event.
fn body(delivery: &Delivery) -> String {
    let timestamp = time_of(delivery.id).to_rfc3339_opts(SecondsFormat::Millis, true);
    json!({"type": delivery.topic, "timestamp": timestamp, "data": delivery.payload}).to_string()
}

/// When an event happened: its id is made of it.
fn time_of(id: Uuid) -> DateTime<Utc> {
    let (seconds, nanos) = id.get_timestamp().map_or((0, 0), |time| time.to_unix());
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds, nanos))
        .unwrap_or_default()
}
