//! The link did not arrive: another one.

use ouvira_common::{
    context::RequestContext,
    ports::{Outcome, SecurityEvent},
    text::Address,
};
use serde_json::json;

use crate::{Auth, AuthError, logout::own_session, model::AddressHash};

impl Auth {
    /// Sends another link to the e-mail address that the caller claims; nothing when there is none, or it is verified.
    pub async fn resend_verification(&self, ctx: &RequestContext) -> Result<(), AuthError> {
        let (user, _) = own_session(ctx)?;
        self.db
            .write(ctx, async |tx| {
                let person = self.users.get(tx, &[user]).await?.remove(&user).ok_or(AuthError::NotFound)?;
                if let Some(email) = person.email.clone().filter(|_| !person.email_verified) {
                    let address = Address::Email(email.clone());
                    let hash = AddressHash::of(&ctx.tenant().data_key, &address);
                    self.spend_code(tx, &address, hash).await?;
                    self.send_verification(tx, &person, &email).await?;
                    let event = SecurityEvent {
                        event: "email.link_sent",
                        outcome: Outcome::Success,
                        user: Some(user),
                        details: json!({}),
                    };
                    self.audit.security(tx, event);
                }
                Ok(())
            })
            .await
    }
}
