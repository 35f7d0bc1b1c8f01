//! What happens to a notice after it was written: whoever watches the list is woken, who wants a mail gets one.

use std::sync::Arc;

use async_trait::async_trait;
use ouvira_common::{
    context::RequestContext,
    db::{Db, DbError, Tx},
    entropy::Entropy,
    id::{TenantId, UserId},
    messages::Message,
    outbox::{Delivery, HandlerError, OutboxEvent, OutboxHandler},
    ports::UserDirectory,
    text::Address,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::store;

/// A notice was written.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NotificationCreated {
    /// Which one.
    pub notification_id: Uuid,
    /// To whom.
    pub user_id: UserId,
}

impl OutboxEvent for NotificationCreated {
    const TOPIC: &'static str = "notification.created.v1";
}

/// Tells every node that a user's list has something new. A hint may be lost: streams look by themselves too.
#[async_trait]
pub trait StreamHints: Send + Sync {
    /// Something is new for `user` of `tenant`.
    async fn hint(&self, tenant: TenantId, user: UserId);
}

/// Wakes streams, and turns notices that their user wants mailed into mails of the template `notification` with the
/// values `title` and `body`.
pub struct DeliverNotices {
    /// The way to the database.
    pub db: Db,
    /// Tells where people can be written to.
    pub users: Arc<dyn UserDirectory>,
    /// Seals the mail on its way.
    pub entropy: Arc<dyn Entropy>,
    /// Reaches the nodes.
    pub hints: Arc<dyn StreamHints>,
}

#[async_trait]
impl OutboxHandler for DeliverNotices {
    fn topics(&self) -> &'static [&'static str] {
        &[NotificationCreated::TOPIC]
    }

    async fn handle(&self, ctx: &RequestContext, delivery: &Delivery) -> Result<(), HandlerError> {
        let NotificationCreated { notification_id, user_id } = delivery.event()?;
        self.hints.hint(ctx.tenant_id(), user_id).await;
        let mailed: Result<(), DbError> =
            self.db.write(ctx, async |tx| self.mail(tx, notification_id, user_id).await).await;
        Ok(mailed?)
    }
}

impl DeliverNotices {
    async fn mail(&self, tx: &mut Tx, id: Uuid, user: UserId) -> Result<(), DbError> {
        let Some(notification) = store::take_for_mail(tx, id, tx.now()).await? else { return Ok(()) };
        let person = self.users.get(tx, &[user]).await?.remove(&user);
        let person = person.filter(|person| person.active && person.email_verified);
        let Some((email, locale)) = person.and_then(|person| Some((person.email?, person.locale))) else {
            return Ok(());
        };
        let (title, body) = notification.text(locale);
        let message = Message::new(Address::Email(email), locale, "notification");
        tx.send_message(&*self.entropy, message.with("title", title).with("body", body));
        Ok(())
    }
}
