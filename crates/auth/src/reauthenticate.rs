//! Proving once more who one is, for what asks for a recent sign-in.

use ouvira_common::{
    context::RequestContext,
    ports::{IssuedTokens, Outcome, SecurityEvent},
    secret::Secret,
};
use serde_json::json;

use crate::{
    Auth, AuthError,
    logout::own_session,
    own_password::OwnPassword,
    second_factor::{Proof, SecondFactorProof},
    sign_in::Live,
    store::sessions,
};

/// What is shown once more.
#[derive(Debug, Clone)]
pub enum Reauthentication {
    /// The password.
    Password(Secret),
    /// A code of the second factor.
    SecondFactor(SecondFactorProof),
}

impl Auth {
    /// A new pair for the caller's session, which keeps its id and counts as signed in just now (ASVS V7.5.3). The refresh
    /// token of the former pair is void at once.
    pub async fn reauthenticate(
        &self,
        ctx: &RequestContext,
        shown: &Reauthentication,
    ) -> Result<IssuedTokens, AuthError> {
        let (user, session) = own_session(ctx)?;
        let ring = self.tokens.ring().await?;
        let password: Option<OwnPassword> = match shown {
            Reauthentication::Password(password) => Some(self.check_own_password(ctx, user, password).await?),
            Reauthentication::SecondFactor(_) => None,
        };
        // A wrong code is an error to the caller and yet has to be counted: the transaction commits it.
        let renewed: Result<IssuedTokens, AuthError> = self
            .db
            .write(ctx, async |tx| {
                let method = match (&password, shown) {
                    (Some(proven), _) => {
                        self.accept_own_password(tx, proven).await?;
                        "pwd"
                    }
                    (None, Reauthentication::SecondFactor(proof)) => {
                        if self.check_second_factor(tx, user, proof).await? == Proof::Wrong {
                            return Ok::<_, AuthError>(Err(AuthError::CodeInvalid));
                        }
                        proof.amr()
                    }
                    (None, Reauthentication::Password(_)) => return Err(AuthError::PasswordIncorrect),
                };
                let row = sessions::reauthenticate(tx, session, method).await?.ok_or(AuthError::NotFound)?;
                let secret = ctx
                    .tenant()
                    .data_key
                    .open(sessions::secret_place(session), &row.secret_sealed)
                    .map_err(|_| AuthError::Sealed("sessions"))?;
                let event = SecurityEvent {
                    event: "session.reauthenticated",
                    outcome: Outcome::Success,
                    user: Some(user),
                    details: json!({"session": session, "method": method}),
                };
                self.audit.security(tx, event);
                let live = Live::of(session, &row, &secret);
                Ok(Ok(self.sign_ins.pair(ctx, &ring, live)?))
            })
            .await?;
        renewed
    }
}
