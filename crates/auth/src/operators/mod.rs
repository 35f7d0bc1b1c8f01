//! Operators sign in (I5): as users do, but at the catalog, without a tenant, for a short while, and looked at anew with every
//! call. What is kept of them the catalog keeps, behind ports.

mod confirm;
mod enable;
mod grant;
mod guard;
mod login;
mod login_second_factor;
mod logout;
mod refresh;
mod second_factor;
mod sign_in;
mod verify;

use std::sync::Arc;

use chrono::Duration;
use ouvira_common::{
    entropy::Entropy,
    ports::{
        OperatorAccounts, OperatorEnrolment, OperatorGrants, OperatorSecondFactors, OperatorSessions,
        VerifiedOperator,
    },
};

use crate::{AccessTokens, AuthError, PasswordHasher, Passwords, config::STEP_UP_WITHIN};

pub use grant::ActingToken;
pub use login::OperatorLoginOutcome;
pub use sign_in::SignedInAs;

/// How long an operator's session may rest.
const IDLE: Duration = Duration::minutes(30);
/// How long it may last.
const ABSOLUTE: Duration = Duration::hours(8);

/// What [`OperatorAuth`] stands on.
pub struct OperatorAuthDeps {
    /// Who they are.
    pub accounts: Arc<dyn OperatorAccounts>,
    /// Their sessions.
    pub sessions: Arc<dyn OperatorSessions>,
    /// The second half of their logins.
    pub factors: Arc<dyn OperatorSecondFactors>,
    /// Setting up a second factor.
    pub enrolment: Arc<dyn OperatorEnrolment>,
    /// Leave to act in a tenant.
    pub grants: Arc<dyn OperatorGrants>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Access tokens; one for the whole node.
    pub tokens: Arc<AccessTokens>,
    /// Hashing; one for the whole node.
    pub hasher: PasswordHasher,
    /// What the deployment decided.
    pub config: OperatorAuthConfig,
}

/// What a deployment decides about operators who sign in.
#[derive(Debug, Clone)]
pub struct OperatorAuthConfig {
    /// Whether each of them needs a second factor: in production.
    pub require_second_factor: bool,
    /// Whether delays after failed logins apply (`RATE_LIMITS`). The guesses at one second factor are always counted.
    pub rate_limits: bool,
}

/// Signing operators in and out, and letting them into tenants.
pub struct OperatorAuth {
    accounts: Arc<dyn OperatorAccounts>,
    sessions: Arc<dyn OperatorSessions>,
    factors: Arc<dyn OperatorSecondFactors>,
    enrolment: Arc<dyn OperatorEnrolment>,
    grants: Arc<dyn OperatorGrants>,
    entropy: Arc<dyn Entropy>,
    tokens: Arc<AccessTokens>,
    passwords: Passwords,
    config: OperatorAuthConfig,
}

impl OperatorAuth {
    /// Signing in on top of `deps`.
    pub fn new(deps: OperatorAuthDeps) -> Self {
        let OperatorAuthDeps {
            accounts,
            sessions,
            factors,
            enrolment,
            grants,
            entropy,
            tokens,
            hasher,
            config,
        } = deps;
        let passwords = Passwords::new(hasher, Arc::clone(&entropy));
        Self { accounts, sessions, factors, enrolment, grants, entropy, tokens, passwords, config }
    }
}

/// Fails when the operator did not prove who they are within the last ten minutes (ASVS V7.5.3).
fn require_recent_sign_in(
    token: &VerifiedOperator,
    now: ouvira_common::time::Timestamp,
) -> Result<(), AuthError> {
    if now - token.authenticated_at <= STEP_UP_WITHIN {
        Ok(())
    } else {
        Err(AuthError::ReauthenticationRequired)
    }
}
