//! Links to choose a password, sent by the worker.

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{Duration, SecondsFormat};
use ouvira_common::{
    context::RequestContext,
    db::Tx,
    entropy::Entropy,
    id::UserId,
    messages::Message,
    outbox::{Delivery, HandlerError, OutboxEvent, OutboxHandler},
    ports::{Outcome, Person, SecurityEvent},
    problem::Failure as _,
    sealing::{DataKey, Place},
    text::{Address, Channel},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Auth, AuthError,
    config::{RESET_TOKEN_LIFETIME, SET_PASSWORD_LIFETIME},
    model::{OneTimeToken, SealedAddress, TokenPurpose},
    store::{credentials, one_time_tokens},
};

/// Somebody asked for a new password; whether they have an account is still to be seen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PasswordResetRequested {
    id: Uuid,
    /// The address, sealed, in base64.
    address: String,
}

impl OutboxEvent for PasswordResetRequested {
    const TOPIC: &'static str = "password.reset_requested.v1";
}

const fn place(id: Uuid) -> Place {
    Place { table: "outbox", column: "payload", row: id }
}

impl PasswordResetRequested {
    pub(super) fn seal(id: Uuid, address: &Address, key: &DataKey, entropy: &dyn Entropy) -> Self {
        let sealed = SealedAddress::seal(key, place(id), address, entropy);
        Self { id, address: STANDARD.encode(sealed.sealed) }
    }

    fn open(&self, key: &DataKey) -> Result<Address, AuthError> {
        let sealed = STANDARD.decode(&self.address).map_err(|_| AuthError::Sealed("outbox"))?;
        SealedAddress { channel: Channel::Email, sealed }.open(key, place(self.id))
    }
}

/// The topic that identity says with that somebody was written down who has to choose a password; its event names the user.
pub const SET_PASSWORD_TOPIC: &str = "user.invited_to_set_password.v1";

/// The topic that tenancy says with that a tenant has its first administrator, and whether they have a password.
pub const TENANT_PROVISIONED_TOPIC: &str = "tenant.provisioned.v1";

#[derive(Deserialize)]
struct FirstAdministrator {
    admin_user_id: UserId,
    needs_password: bool,
}

#[derive(Deserialize)]
struct Invited {
    user_id: UserId,
}

/// Which link to choose a password with.
struct Link {
    template: &'static str,
    lifetime: Duration,
}

#[async_trait]
impl OutboxHandler for Auth {
    fn topics(&self) -> &'static [&'static str] {
        &[PasswordResetRequested::TOPIC, SET_PASSWORD_TOPIC, TENANT_PROVISIONED_TOPIC]
    }

    async fn handle(&self, ctx: &RequestContext, delivery: &Delivery) -> Result<(), HandlerError> {
        let sent = match delivery.topic.as_str() {
            SET_PASSWORD_TOPIC => {
                let Invited { user_id } = delivery.event()?;
                self.send_first_link(ctx, delivery.id, user_id).await
            }
            TENANT_PROVISIONED_TOPIC => {
                let FirstAdministrator { admin_user_id, needs_password } = delivery.event()?;
                if needs_password {
                    self.send_administrators_link(ctx, delivery.id, admin_user_id).await
                } else {
                    Ok(())
                }
            }
            _ => {
                let requested: PasswordResetRequested = delivery.event()?;
                self.send_reset_link(ctx, delivery.id, &requested).await
            }
        };
        sent.map_err(|error| match error.code().status() {
            503 => HandlerError::Transient(error.to_string()),
            _ => HandlerError::Permanent(error.to_string()),
        })
    }
}

impl Auth {
    async fn send_reset_link(
        &self,
        ctx: &RequestContext,
        id: Uuid,
        requested: &PasswordResetRequested,
    ) -> Result<(), AuthError> {
        let address = requested.open(&ctx.tenant().data_key)?;
        self.db
            .write(ctx, async |tx| {
                let holder = self.users.find(tx, &address).await?.filter(|person| person.active);
                if let Some(person) = holder {
                    let link = Link { template: "password_reset", lifetime: RESET_TOKEN_LIFETIME };
                    self.send_link(tx, id, &person, &address, &link).await?;
                }
                Ok(())
            })
            .await
    }

    /// To the address an administrator wrote down: choosing the password proves it.
    async fn send_first_link(&self, ctx: &RequestContext, id: Uuid, user: UserId) -> Result<(), AuthError> {
        self.db
            .write(ctx, async |tx| {
                let person = self.users.get(tx, &[user]).await?.remove(&user).filter(|person| person.active);
                let unproven = person.filter(|person| !person.email_verified && !person.phone_verified);
                if let Some((person, email)) =
                    unproven.and_then(|person| Some((person.clone(), person.email?)))
                {
                    let link = Link { template: "set_password", lifetime: SET_PASSWORD_LIFETIME };
                    self.send_link(tx, id, &person, &Address::Email(email), &link).await?;
                }
                Ok(())
            })
            .await
    }

    /// To the address an operator wrote down, which counts as proven; unless they found another way to a password meanwhile.
    async fn send_administrators_link(
        &self,
        ctx: &RequestContext,
        id: Uuid,
        user: UserId,
    ) -> Result<(), AuthError> {
        self.db
            .write(ctx, async |tx| {
                if credentials::password_of(tx, user).await?.is_some() {
                    return Ok(());
                }
                let person = self.users.get(tx, &[user]).await?.remove(&user).filter(|person| person.active);
                if let Some((person, email)) = person.and_then(|person| Some((person.clone(), person.email?)))
                {
                    let link = Link { template: "set_password", lifetime: SET_PASSWORD_LIFETIME };
                    self.send_link(tx, id, &person, &Address::Email(email), &link).await?;
                }
                Ok(())
            })
            .await
    }

    /// The token has the id of the event: handled twice, it is sent once.
    async fn send_link(
        &self,
        tx: &mut Tx,
        id: Uuid,
        person: &Person,
        address: &Address,
        link: &Link,
    ) -> Result<(), AuthError> {
        let key = tx.context().tenant().data_key.clone();
        let token = OneTimeToken { id, purpose: TokenPurpose::PasswordReset };
        let sealed = SealedAddress::seal(&key, one_time_tokens::address_place(id), address, &*self.entropy);
        let expires_at = tx.now() + link.lifetime;
        if !one_time_tokens::insert_once(tx, token, person.id, sealed, expires_at).await? {
            return Ok(());
        }
        let message = Message::new(address.clone(), person.locale, link.template)
            .with("token", token.text(&key).expose())
            .with("minutes", link.lifetime.num_minutes())
            .with("expires_at", expires_at.to_rfc3339_opts(SecondsFormat::Secs, true));
        tx.send_message(&*self.entropy, message);
        let event = SecurityEvent {
            event: "password.link_sent",
            outcome: Outcome::Success,
            user: Some(person.id),
            details: json!({"kind": link.template}),
        };
        self.audit.security(tx, event);
        Ok(())
    }
}
