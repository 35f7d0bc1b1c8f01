//! What becomes of an SMS after its provider took it: asked for, so that no address of ours has to be open to the provider.

use std::sync::Arc;

use async_trait::async_trait;
use ouvira_common::{
    context::RequestContext,
    outbox::{Delivery, HandlerError, OutboxEvent as _, OutboxHandler},
    ports::{DeliveryError, SmsFate, SmsSender},
};

use super::message_log::{MessageLog, SmsTaken};

/// Times that it is asked for: for about three hours. Many networks never say that an SMS arrived.
const LOOKS: u32 = 8;

/// Notes whether SMS arrived.
pub(crate) struct FollowSms {
    /// Twilio.
    pub(crate) sms: Arc<dyn SmsSender>,
    /// Where it is noted.
    pub(crate) log: MessageLog,
}

#[async_trait]
impl OutboxHandler for FollowSms {
    fn topics(&self) -> &'static [&'static str] {
        &[SmsTaken::TOPIC]
    }

    async fn handle(&self, ctx: &RequestContext, delivery: &Delivery) -> Result<(), HandlerError> {
        let SmsTaken { sent, reference } = delivery.event()?;
        match self.sms.fate(&reference).await {
            Ok(SmsFate::Delivered) => Ok(self.log.delivered(ctx, &sent).await?),
            Ok(SmsFate::Failed(reason)) => Ok(self.log.failed(ctx, &sent, &reason).await?),
            Ok(SmsFate::Pending(_)) if delivery.attempt >= LOOKS => Ok(()),
            Ok(SmsFate::Pending(status)) => Err(HandlerError::Pending(status)),
            Err(DeliveryError::Permanent(reason)) => Err(HandlerError::Permanent(reason)),
            Err(DeliveryError::Transient(reason)) => Err(HandlerError::Transient(reason)),
        }
    }
}
