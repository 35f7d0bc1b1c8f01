//! An operator signs in with address and password.

use ouvira_common::{
    id::OperatorId,
    platform::PlatformContext,
    ports::{NewOperatorLogin, OperatorAccount, OperatorProof, PasswordProof},
    secret::Secret,
    text::Email,
};

use super::{OperatorAuth, guard::Guard, sign_in::SignedInAs};
use crate::{
    AuthError, LoginChallengeId, SecondFactorChallenge,
    config::LOGIN_CHALLENGE_LIFETIME,
    password::{Verdict, normalised},
};

/// How an operator's login that was not refused went on.
#[derive(Debug, Clone)]
pub enum OperatorLoginOutcome {
    /// Signed in.
    Authenticated(SignedInAs),
    /// The password was right; the second factor comes next.
    SecondFactorRequired(SecondFactorChallenge),
    /// Signed in as far as enrolling the second factor that everybody needs.
    SetupRequired(SignedInAs),
}

impl OperatorAuth {
    /// Signs in by e-mail address and password. An unknown address, an operator who was switched off, a wrong password and
    /// too many failures are one answer, after the same statements and the same hash.
    pub async fn login(
        &self,
        ctx: &PlatformContext,
        identifier: &str,
        password: &Secret,
    ) -> Result<OperatorLoginOutcome, AuthError> {
        let password = normalised(password);
        let key = self.accounts.key().await?;
        let guard = Guard::of(&key, ctx, identifier, self.config.rate_limits);
        let lookup = guard.lookup(Email::parse("/identifier", identifier).ok());
        let facts = self.accounts.look_up(&lookup, ctx.now).await?;
        let kept = facts.account.as_ref().map(|account| account.password.0.expose());
        let verdict = self.passwords.hasher.verify(&password, kept).await?;

        let delayed = guard.delays(&facts, ctx.now);
        let operator = facts.account.as_ref().map(|account| account.id);
        let (Some(account), Verdict::Right { outdated }, false) = (&facts.account, verdict, delayed) else {
            return self.refuse(ctx, &guard, operator, delayed).await;
        };
        let rehashed = if outdated { Some(self.passwords.hash_normalised(&password).await?) } else { None };
        let proof = PasswordProof {
            version: account.version,
            rehashed,
            forgotten: guard.forgotten(),
            delaying: guard.delaying(&facts),
        };
        match self.go_on(ctx, account, proof).await? {
            Some(outcome) => Ok(outcome),
            None => self.refuse(ctx, &guard, operator, true).await,
        }
    }

    /// What follows the right password; `None` when it was changed, or failures came, while it was being compared.
    async fn go_on(
        &self,
        ctx: &PlatformContext,
        account: &OperatorAccount,
        proof: PasswordProof,
    ) -> Result<Option<OperatorLoginOutcome>, AuthError> {
        let ctx = ctx.acting_as(account.id);
        if !account.second_factor {
            let proof = OperatorProof::Password(proof);
            return self.welcome(&ctx, account, &["pwd"], &proof).await;
        }
        let challenge = SecondFactorChallenge {
            id: LoginChallengeId::new_at(ctx.now),
            expires_at: ctx.now + LOGIN_CHALLENGE_LIFETIME,
        };
        let login =
            NewOperatorLogin { id: challenge.id.0, operator: account.id, expires_at: challenge.expires_at };
        let begun = self.factors.begin(&ctx, login, &proof).await?;
        Ok(begun.then_some(OperatorLoginOutcome::SecondFactorRequired(challenge)))
    }

    /// Notes the failure and answers what every failure is answered. A try that was not looked at because of earlier ones is
    /// logged but not counted, or guessing on would prolong the delay for ever.
    async fn refuse(
        &self,
        ctx: &PlatformContext,
        guard: &Guard,
        operator: Option<OperatorId>,
        delayed: bool,
    ) -> Result<OperatorLoginOutcome, AuthError> {
        let failures = if delayed { Vec::new() } else { guard.failures() };
        self.accounts.note_failure(ctx, operator, &failures).await?;
        Err(AuthError::CredentialsInvalid)
    }
}
