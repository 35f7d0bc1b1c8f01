//! Messages to people on their way into the outbox. A request never sends one: it publishes an event whose address and
//! data (codes and links among them) are sealed with the tenant's data key, and the worker opens it, renders the template
//! and hands it to the mailer or the SMS sender.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    db::Tx,
    entropy::Entropy,
    id::uuid_at,
    locale::Locale,
    outbox::OutboxEvent,
    sealing::{DataKey, Place, Unsealable},
    text::{Address, Channel, Email, Phone},
};

/// Something to be told to somebody: a template with its values.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// To whom.
    pub to: Address,
    /// In which language.
    pub locale: Locale,
    /// Name of the template, such as `signup_code`. The shell knows how to render it for mail and SMS.
    pub template: Cow<'static, str>,
    /// Values for the template; may be secret, and is in no log.
    pub data: Map<String, Value>,
}

impl Message {
    /// A message without values.
    pub fn new(to: Address, locale: Locale, template: &'static str) -> Self {
        Self { to, locale, template: Cow::Borrowed(template), data: Map::new() }
    }

    /// The same with a value for its template.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.data.insert(name.to_owned(), value.into());
        self
    }
}

/// The worker is to send a message.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MessageRequested {
    /// Of the message; what the payload is sealed for, and what a delivery is idempotent by.
    pub id: Uuid,
    /// The way it takes.
    pub channel: Channel,
    /// Its language.
    pub locale: Locale,
    /// Name of the template.
    pub template: Cow<'static, str>,
    /// [`Payload`] as JSON, sealed, in base64.
    payload: String,
}

impl OutboxEvent for MessageRequested {
    const TOPIC: &'static str = "message.requested.v1";
}

/// What is sealed of a message.
#[derive(Serialize, Deserialize)]
struct Payload {
    to: String,
    data: Map<String, Value>,
}

const fn place(id: Uuid) -> Place {
    Place { table: "outbox", column: "payload", row: id }
}

impl MessageRequested {
    /// Seals `message` under `id`.
    pub fn seal(id: Uuid, message: Message, key: &DataKey, entropy: &dyn Entropy) -> Self {
        let payload = Payload { to: message.to.as_str().to_owned(), data: message.data };
        let plain = serde_json::to_vec(&payload).expect("a message is plain data");
        Self {
            id,
            channel: message.to.channel(),
            locale: message.locale,
            template: message.template,
            payload: STANDARD.encode(key.seal(place(id), &plain, entropy)),
        }
    }

    /// The message, opened with the data key of the tenant that asked for it. Fails when the key is another one or was
    /// destroyed.
    pub fn open(self, key: &DataKey) -> Result<Message, Unsealable> {
        let sealed = STANDARD.decode(&self.payload).map_err(|_| Unsealable)?;
        let plain = key.open(place(self.id), &sealed)?;
        let Payload { to, data } = serde_json::from_slice(&plain).map_err(|_| Unsealable)?;
        let to = match self.channel {
            Channel::Email => Email::parse("/to", &to).map(Address::Email),
            Channel::Sms => Phone::parse("/to", &to).map(Address::Phone),
        };
        Ok(Message { to: to.map_err(|_| Unsealable)?, locale: self.locale, template: self.template, data })
    }
}

impl Tx {
    /// Queues a message for the worker; it leaves only if the transaction commits.
    pub fn send_message(&mut self, entropy: &dyn Entropy, message: Message) {
        let id = uuid_at(self.now());
        let event = MessageRequested::seal(id, message, &self.context().tenant().data_key, entropy);
        self.publish(&event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{entropy::OsEntropy, id::TenantId};

    #[test]
    fn a_message_opens_with_its_tenants_key_and_shows_nothing_before() {
        let key = DataKey::generate(TenantId(Uuid::from_u128(1)), &OsEntropy);
        let to = Address::parse("/to", "ada@example.com").unwrap();
        let message = Message::new(to, Locale::De, "signup_code").with("code", "123456");
        let event = MessageRequested::seal(Uuid::from_u128(2), message.clone(), &key, &OsEntropy);
        let stored = serde_json::to_string(&event).unwrap();
        assert!(!stored.contains("ada") && !stored.contains("123456"), "{stored}");
        let event: MessageRequested = serde_json::from_str(&stored).unwrap();
        assert_eq!(event.clone().open(&key), Ok(message));
        let other = DataKey::generate(TenantId(Uuid::from_u128(1)), &OsEntropy);
        assert_eq!(event.open(&other), Err(Unsealable));
    }
}
