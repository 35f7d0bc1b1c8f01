//! The shell's own handler: messages leave here.

use std::sync::Arc;

use async_trait::async_trait;
use ouvira_common::{
    context::RequestContext,
    db::DbError,
    messages::{Message, MessageRequested},
    outbox::{ATTEMPTS, Delivery, HandlerError, OutboxEvent as _, OutboxHandler},
    ports::{DeliveryError, Mailer, Receipt, SmsSender},
    time::Timestamp,
};
use serde_json::Value;
use uuid::Uuid;

use super::message_log::{MessageLog, Sent};
use crate::messages::{Rendered, Templates};

/// Renders messages and hands them to the mailer or the SMS sender.
pub(crate) struct SendMessages {
    /// What messages say.
    pub(crate) templates: Templates,
    /// SMTP, or the development inbox.
    pub(crate) mailer: Arc<dyn Mailer>,
    /// Twilio, or the development inbox.
    pub(crate) sms: Arc<dyn SmsSender>,
    /// What became of them.
    pub(crate) log: MessageLog,
}

#[async_trait]
impl OutboxHandler for SendMessages {
    fn topics(&self) -> &'static [&'static str] {
        &[MessageRequested::TOPIC]
    }

    async fn handle(&self, ctx: &RequestContext, delivery: &Delivery) -> Result<(), HandlerError> {
        let requested: MessageRequested = delivery.event()?;
        let sent =
            Sent { message: requested.id, template: requested.template.clone(), channel: requested.channel };
        let noted = match self.send(ctx, requested).await {
            Ok(receipt) => self.log.sent(ctx, &sent, receipt, delivery.attempt).await,
            Err(HandlerError::Transient(reason)) if delivery.attempt < ATTEMPTS => {
                return Err(HandlerError::Transient(reason));
            }
            Err(given_up) => {
                note(self.log.failed(ctx, &sent, reason(&given_up)).await);
                return Err(given_up);
            }
        };
        // It has left: failing here would send it once more.
        note(noted);
        Ok(())
    }
}

impl SendMessages {
    async fn send(&self, ctx: &RequestContext, requested: MessageRequested) -> Result<Receipt, HandlerError> {
        let id = requested.id;
        let message = requested
            .open(&ctx.tenant().data_key)
            .map_err(|error| HandlerError::Permanent(error.to_string()))?;
        if lapsed(&message, id, ctx.now()) {
            return Err(HandlerError::Permanent("it lapsed before it could be sent".to_owned()));
        }
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

fn reason(error: &HandlerError) -> &str {
    match error {
        HandlerError::Permanent(reason)
        | HandlerError::Transient(reason)
        | HandlerError::Pending(reason)
        | HandlerError::Later { error: reason, .. } => reason,
    }
}

fn note(written: Result<(), DbError>) {
    if let Err(error) = written {
        tracing::warn!(%error, "what became of a message cannot be noted");
    }
}

/// Whether the code or link in `message`, which was asked for when `id` was made, is worth nothing any more: after a long
/// outage people shall not get old codes, and nobody shall pay for them.
fn lapsed(message: &Message, id: Uuid, now: Timestamp) -> bool {
    let expires_at = message.data.get("expires_at").and_then(|at| at.as_str()?.parse::<Timestamp>().ok());
    let made_at = id.get_timestamp().and_then(|at| i64::try_from(at.to_unix().0).ok());
    let lives = message.data.get("code").and(message.data.get("minutes")).and_then(Value::as_i64);
    let code_expires = made_at.zip(lives).map(|(made_at, minutes)| made_at + minutes * 60);
    expires_at.is_some_and(|at| at <= now) || code_expires.is_some_and(|at| at <= now.timestamp())
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use ouvira_common::{locale::Locale, text::Address};

    use super::*;

    #[test]
    fn what_lapsed_is_not_sent() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let message =
            |template| Message::new(Address::parse("/to", "+33612345678").unwrap(), Locale::En, template);
        let milliseconds = u64::try_from(now.timestamp_millis()).unwrap();
        let id = uuid::Builder::from_unix_timestamp_millis(milliseconds, &[0; 10]).into_uuid();
        let after = |message: &Message, minutes| lapsed(message, id, now + Duration::minutes(minutes));
        let code = message("signup_code").with("code", "123456").with("minutes", 10);
        assert!(!after(&code, 9) && after(&code, 10));
        let link = message("password_reset").with("minutes", 30).with("expires_at", "2026-11-20T12:30:00Z");
        assert!(!after(&link, 29) && after(&link, 30));
        // For how long an account is closed is no life of a message.
        assert!(!after(&message("account_locked").with("minutes", 60), 600));
    }
}
