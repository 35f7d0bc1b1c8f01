//! The second half of a login.

use ouvira_common::context::RequestContext;
use serde_json::json;

use super::{CHANGED, Proof, SecondFactorProof};
use crate::{
    Auth, AuthError, LoginChallengeId, LoginOutcome, config::CODE_TRIES, sign_in::Arrival,
    store::login_challenges,
};

impl Auth {
    /// Finishes a login whose password was right. A code works once; five wrong ones end the login, ten within an hour all
    /// logins of the account for a while.
    pub async fn login_second_factor(
        &self,
        ctx: &RequestContext,
        id: LoginChallengeId,
        proof: &SecondFactorProof,
    ) -> Result<LoginOutcome, AuthError> {
        // A wrong code is an error to the caller and yet has to be counted: the transaction commits it.
        let outcome: Result<LoginOutcome, AuthError> = self
            .db
            .write(ctx, async |tx| {
                let login = login_challenges::take_try(tx, id).await?.ok_or(AuthError::ChallengeInvalid)?;
                let user = login.user();
                if self.check_second_factor(tx, user, proof).await? == Proof::Wrong {
                    let spent = login.tries >= CODE_TRIES;
                    return Ok::<_, AuthError>(Err(if spent {
                        AuthError::CodeExhausted
                    } else {
                        AuthError::CodeInvalid
                    }));
                }
                let person = self.users.get(tx, &[user]).await?.remove(&user).filter(|person| person.active);
                let person = person.ok_or(AuthError::ChallengeInvalid)?;
                login_challenges::use_up(tx, id);
                if let SecondFactorProof::Backup(_) = proof {
                    self.announce(tx, &person, CHANGED, json!({"change": "backup_code_used"}));
                }
                let amr: Vec<&str> = login.amr.split_whitespace().chain([proof.amr()]).collect();
                let arrival = Arrival { second_factor: true, from_new_device: login.new_device };
                self.welcome(tx, person, &amr, arrival).await.map(Ok)
            })
            .await?;
        outcome
    }
}
