//! Mailing notices to who wants them mailed.

use std::sync::Arc;

use async_trait::async_trait;
use ouvira_common::{
    context::RequestContext,
    db::{Db, DbError},
    entropy::Entropy,
    messages::Message,
    outbox::{Delivery, HandlerError, OutboxEvent, OutboxHandler},
    ports::UserDirectory,
    text::Address,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::store;

/// Somebody wants a notification mailed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NotificationMailWanted {
    /// Which one.
    pub notification_id: Uuid,
}

impl OutboxEvent for NotificationMailWanted {
    const TOPIC: &'static str = "notification.mail_wanted.v1";
}

/// Turns notifications into mails of the template `notification` with the values `title` and `body`.
pub struct MailNotices {
    /// The way to the database.
    pub db: Db,
    /// Tells where people can be written to.
    pub users: Arc<dyn UserDirectory>,
    /// Seals the mail on its way.
    pub entropy: Arc<dyn Entropy>,
}

#[async_trait]
impl OutboxHandler for MailNotices {
    fn topics(&self) -> &'static [&'static str] {
        &[NotificationMailWanted::TOPIC]
    }

    async fn handle(&self, ctx: &RequestContext, delivery: &Delivery) -> Result<(), HandlerError> {
        let NotificationMailWanted { notification_id } = delivery.event()?;
        let mailed: Result<(), DbError> = self
            .db
            .write(ctx, async |tx| {
                let taken = store::take_for_mail(tx, notification_id, ctx.now()).await?;
                let Some((user, notification)) = taken else { return Ok(()) };
                let person = self.users.get(tx, &[user]).await?.remove(&user);
                let person = person.filter(|person| person.active && person.email_verified);
                let Some((email, locale)) = person.and_then(|person| Some((person.email?, person.locale)))
                else {
                    return Ok(());
                };
                let (title, body) = notification.text(locale);
                let message = Message::new(Address::Email(email), locale, "notification");
                tx.send_message(&*self.entropy, message.with("title", title).with("body", body));
                Ok(())
            })
            .await;
        Ok(mailed?)
    }
}
