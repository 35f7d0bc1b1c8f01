//! Links that prove an e-mail address somebody claimed at sign-up.

use chrono::SecondsFormat;
use ouvira_common::{
    context::RequestContext,
    db::Tx,
    messages::Message,
    ports::{Outcome, Person, SecurityEvent, UserDirectoryError},
    secret::Secret,
    text::{Address, Email},
};
use serde_json::json;

use crate::{
    Auth, AuthError,
    config::VERIFICATION_LIFETIME,
    model::{OneTimeToken, SealedAddress, TokenPurpose},
    store::one_time_tokens,
};

impl Auth {
    /// Makes a claimed address its claimant's own, by the link that was sent to it. Fails when it is no longer their claim,
    /// or somebody else verified it first.
    pub async fn verify_email(&self, ctx: &RequestContext, token: &Secret) -> Result<(), AuthError> {
        let key = &ctx.tenant().data_key;
        let token = OneTimeToken::parse(token, TokenPurpose::EmailVerification, key)
            .ok_or(AuthError::VerificationTokenInvalid)?;
        self.db
            .write(ctx, async |tx| {
                let redeemed = one_time_tokens::redeem(tx, token).await?;
                let redeemed = redeemed.and_then(|redeemed| redeemed.user.zip(redeemed.address));
                let (user, address) = redeemed.ok_or(AuthError::VerificationTokenInvalid)?;
                let address = address.open(key, one_time_tokens::address_place(token.id))?;
                let claim = |person: &Person| {
                    person.active
                        && person.email.as_ref().is_some_and(|email| email.folded() == address.folded())
                };
                if !self.users.get(tx, &[user]).await?.get(&user).is_some_and(claim) {
                    return Err(AuthError::VerificationTokenInvalid);
                }
                self.users.verify_address(tx, user, &address).await.map_err(|error| match error {
                    UserDirectoryError::Db(error) => error.into(),
                    UserDirectoryError::AddressTaken(_) | UserDirectoryError::Gone => {
                        AuthError::VerificationTokenInvalid
                    }
                })?;
                let event = SecurityEvent {
                    event: "email.verified",
                    outcome: Outcome::Success,
                    user: Some(user),
                    details: json!({}),
                };
                self.audit.security(tx, event);
                Ok(())
            })
            .await
    }

    /// Queues the link that proves `email`, which `person` claims. When somebody has it already, they hear of that instead,
    /// and whoever claims it cannot tell.
    pub(crate) async fn send_verification(
        &self,
        tx: &mut Tx,
        person: &Person,
        email: &Email,
    ) -> Result<(), AuthError> {
        let address = Address::Email(email.clone());
        let holder = self.users.find(tx, &address).await?;
        let key = tx.context().tenant().data_key.clone();
        let token = OneTimeToken::new_at(tx.now(), TokenPurpose::EmailVerification);
        let sealed =
            SealedAddress::seal(&key, one_time_tokens::address_place(token.id), &address, &*self.entropy);
        let expires_at = tx.now() + VERIFICATION_LIFETIME;
        one_time_tokens::insert(tx, token, Some(person.id), Some(sealed), expires_at);
        let message = match holder {
            None => Message::new(address, person.locale, "email_verification")
                .with("token", token.text(&key).expose())
                .with("expires_at", expires_at.to_rfc3339_opts(SecondsFormat::Secs, true)),
            Some(holder) => Message::new(address, holder.locale, "signup_existing_account")
                .with("link", format!("{}/login", self.config.app_url)),
        };
        tx.send_message(&*self.entropy, message);
        Ok(())
    }
}
