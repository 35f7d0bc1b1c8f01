//! Signing in with an address and a password.

use ouvira_common::{
    context::RequestContext,
    ports::{HashedPassword, IssuedTokens, Outcome, Person, SecurityEvent},
    principal::Principal,
    secret::Secret,
    text::Address,
    time::Timestamp,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Auth, AuthError, LoginChallengeId,
    config::LOGIN_CHALLENGE_LIFETIME,
    guard::Guard,
    password::{Verdict, normalised},
    sign_in::Arrival,
    store::{
        credentials::{self, LoginFacts},
        login_challenges::{self, NewLoginChallenge},
    },
};

/// What somebody types to sign in.
#[derive(Debug, Clone)]
pub struct Login {
    /// A verified e-mail address or phone number.
    pub identifier: String,
    /// The password.
    pub password: Secret,
    /// Answer of the captcha.
    pub captcha_token: Option<String>,
}

/// How a login that was not refused went on.
#[derive(Debug, Clone)]
pub enum LoginOutcome {
    /// Signed in.
    Authenticated {
        /// The pair.
        tokens: IssuedTokens,
        /// Who they are.
        person: Box<Person>,
    },
    /// The password was right; the second factor comes next.
    SecondFactorRequired(SecondFactorChallenge),
    /// Signed in as far as enrolling the second factor that the tenant wants of everybody.
    SetupRequired {
        /// A pair that is good for that and for logging out.
        tokens: IssuedTokens,
    },
}

/// A login that waits for its second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondFactorChallenge {
    /// Names it in the call that follows.
    pub id: LoginChallengeId,
    /// When it lapses.
    pub expires_at: Timestamp,
}

/// The right password, and the row it was compared with.
struct Proven {
    credential: Uuid,
    version: i64,
    rehashed: Option<HashedPassword>,
}

impl Auth {
    /// Signs in by verified e-mail address or phone number and password. An unknown account, an unverified address, a
    /// deactivated user, a wrong password and too many failures are one answer, after the same statements and the same
    /// hash. Fails with [`CredentialError::Busy`](ouvira_common::ports::CredentialError::Busy) when hashing is at capacity.
    pub async fn login(&self, ctx: &RequestContext, request: Login) -> Result<LoginOutcome, AuthError> {
        self.captcha.verify(request.captcha_token.as_deref(), "login", ctx.origin().ip).await?;
        let password = normalised(&request.password);
        let guard = self.guard(ctx, &request.identifier);
        let (person, facts) = self.look_up(ctx, &request.identifier, &guard).await?;
        let verdict = self.passwords.hasher.verify(&password, facts.secret.as_deref()).await?;

        let delayed = guard.delays(&facts, ctx.now());
        let user = person.as_ref().map(|person| person.id);
        let (Some(person), Verdict::Right { outdated }, Some(credential), Some(version), false) =
            (person, verdict, facts.credential, facts.version, delayed)
        else {
            return self.refuse(ctx, &guard, user, delayed).await;
        };
        let rehashed = if outdated { Some(self.passwords.hash_normalised(&password).await?) } else { None };
        let proven = Proven { credential, version, rehashed };
        match self.go_on(ctx, &guard, &facts, &person, &proven).await? {
            Some(outcome) => Ok(outcome),
            None => self.refuse(ctx, &guard, user, true).await,
        }
    }

    async fn look_up(
        &self,
        ctx: &RequestContext,
        identifier: &str,
        guard: &Guard,
    ) -> Result<(Option<Person>, LoginFacts), AuthError> {
        let address = Address::parse("/identifier", identifier).ok();
        self.db
            .read(ctx, async |tx| {
                let person = match &address {
                    Some(address) => self.users.find(tx, address).await?.filter(|person| person.active),
                    None => None,
                };
                let user = person.as_ref().map(|person| person.id);
                let foreign = [guard.network, guard.account];
                let facts = credentials::login_facts(tx, user, guard.device, guard.own, &foreign).await?;
                Ok((person, facts))
            })
            .await
    }

    /// What follows the right password; `None` when it was changed, or failures came, while it was being compared.
    async fn go_on(
        &self,
        ctx: &RequestContext,
        guard: &Guard,
        facts: &LoginFacts,
        person: &Person,
        proven: &Proven,
    ) -> Result<Option<LoginOutcome>, AuthError> {
        let ctx = ctx.acting_as(Principal::user(person.id));
        self.db
            .write(&ctx, async |tx| {
                let Proven { credential, version, rehashed } = proven;
                let delaying = guard.delaying(facts);
                if !credentials::use_credential(tx, *credential, *version, rehashed.as_ref(), &delaying)
                    .await?
                {
                    return Ok(None);
                }
                guard.forget_failures(tx);
                let from_new_device = facts.any_device && !facts.known_device;
                if facts.second_factor {
                    let challenge = SecondFactorChallenge {
                        id: LoginChallengeId::new_at(tx.now()),
                        expires_at: tx.now() + LOGIN_CHALLENGE_LIFETIME,
                    };
                    let new = NewLoginChallenge { challenge, user: person.id, from_new_device };
                    login_challenges::insert(tx, &new);
                    return Ok(Some(LoginOutcome::SecondFactorRequired(challenge)));
                }
                let arrival = Arrival { second_factor: false, from_new_device };
                self.welcome(tx, person.clone(), &["pwd"], arrival).await.map(Some)
            })
            .await
    }

    /// Notes the failure, in a transaction that commits, and answers what every failure is answered. A try that was not
    /// looked at because of earlier ones is logged but not counted, or guessing on would prolong the delay for ever.
    async fn refuse(
        &self,
        ctx: &RequestContext,
        guard: &Guard,
        user: Option<ouvira_common::id::UserId>,
        delayed: bool,
    ) -> Result<LoginOutcome, AuthError> {
        let noted: Result<(), AuthError> = self
            .db
            .write(ctx, async |tx| {
                if !delayed {
                    guard.note_failure(tx);
                }
                let event = SecurityEvent {
                    event: "login.failed",
                    outcome: Outcome::Failure,
                    user,
                    details: json!({"delayed": delayed}),
                };
                self.audit.security(tx, event);
                Ok(())
            })
            .await;
        noted?;
        Err(AuthError::CredentialsInvalid)
    }
}
