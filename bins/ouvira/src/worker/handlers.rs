//! The shell's own handler: messages leave here.

use std::sync::Arc;

use async_trait::async_trait;
use ouvira_common::{
    context::RequestContext,
    messages::MessageRequested,
    outbox::{Delivery, HandlerError, OutboxEvent as _, OutboxHandler},
    ports::{DeliveryError, Mailer, SmsSender},
};

use crate::messages::{Rendered, Templates};

/// Renders messages and hands them to the mailer or the SMS sender.
pub(crate) struct SendMessages {
    /// What messages say.
    pub(crate) templates: Templates,
    /// SMTP, or the development inbox.
    pub(crate) mailer: Arc<dyn Mailer>,
    /// Twilio, or the development inbox.
    pub(crate) sms: Arc<dyn SmsSender>,
}

#[async_trait]
impl OutboxHandler for SendMessages {
    fn topics(&self) -> &'static [&'static str] {
        &[MessageRequested::TOPIC]
    }

    async fn handle(&self, ctx: &RequestContext, delivery: &Delivery) -> Result<(), HandlerError> {
        let requested: MessageRequested = delivery.event()?;
        let message = requested
            .open(&ctx.tenant().data_key)
            .map_err(|error| HandlerError::Permanent(error.to_string()))?;
        let rendered = self
            .templates
            .render(&message, ctx.tenant())
            .map_err(|error| HandlerError::Permanent(error.to_string()))?;
        let sent = match &rendered {
            Rendered::Mail(mail) => self.mailer.send(mail).await,
            Rendered::Sms(sms) => self.sms.send(sms).await,
        };
        sent.map_err(|error| match error {
            DeliveryError::Permanent(reason) => HandlerError::Permanent(reason),
            DeliveryError::Transient(reason) => HandlerError::Transient(reason),
        })
    }
}
