//! Somebody new types the code that they were sent.

use ouvira_common::{
    context::RequestContext,
    ports::{Outcome, SecurityEvent},
    secret::Secret,
    time::Timestamp,
};
use serde_json::json;

use crate::{
    Auth, AuthError, ChallengeId,
    config::SIGNUP_TOKEN_LIFETIME,
    model::{Code, OneTimeToken, Purpose, SealedAddress, TokenPurpose},
    store::one_time_tokens,
};

/// Shows at the end of a sign-up that the address was verified.
#[derive(Debug, Clone)]
pub struct SignupToken {
    /// The token.
    pub token: Secret,
    /// When it lapses.
    pub expires_at: Timestamp,
}

impl Auth {
    /// Trades the right code for a [`SignupToken`]. A code works once; five wrong ones end the challenge. For an address
    /// that has an account no code is right.
    pub async fn verify_code(
        &self,
        ctx: &RequestContext,
        id: ChallengeId,
        code: &Secret,
    ) -> Result<SignupToken, AuthError> {
        let key = &ctx.tenant().data_key;
        let code = Code::typed(code);
        // A wrong code is an error to the caller and yet has to be counted: the transaction commits it.
        let verified: Result<SignupToken, AuthError> = self
            .db
            .write(ctx, async |tx| {
                let address = match self.check_code(tx, id, Purpose::Signup, None, &code).await? {
                    Ok(address) => address,
                    Err(refused) => return Ok::<_, AuthError>(Err(refused)),
                };
                let token = OneTimeToken::new_at(tx.now(), TokenPurpose::Signup);
                let expires_at = tx.now() + SIGNUP_TOKEN_LIFETIME;
                let event = SecurityEvent {
                    event: "code.accepted",
                    outcome: Outcome::Success,
                    user: None,
                    details: json!({"purpose": Purpose::Signup.as_str(), "channel": address.channel().as_str()}),
                };
                self.audit.security(tx, event);
                let place = one_time_tokens::address_place(token.id);
                let address = SealedAddress::seal(key, place, &address, &*self.entropy);
                one_time_tokens::insert(tx, token, None, Some(address), expires_at);
                Ok(Ok(SignupToken { token: token.text(key), expires_at }))
            })
            .await?;
        verified
    }
}
