#![doc = include_str!("../README.md")]

mod addresses;
mod announce;
mod budget;
mod challenge;
mod config;
mod end_other_sessions;
mod end_session;
mod error;
pub mod event;
mod finalize_sign_up;
mod forget_lapsed;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod fuzzing;
mod guard;
#[cfg(feature = "http")]
pub mod http;
mod list_sessions;
mod login;
mod logout;
mod model;
mod operators;
mod options;
mod own_password;
mod password;
mod public_keys;
mod reauthenticate;
mod refresh;
mod resend_code;
mod schema;
mod second_factor;
mod sign_in;
mod sign_up;
mod step_up;
mod store;
mod token;
mod verify_code;

use std::sync::Arc;

use ouvira_common::{
    db::Db,
    entropy::Entropy,
    migration,
    migration::Migration,
    ports::{AuditSink, CaptchaVerifier, Notifier, UserDirectory},
};

pub use config::AuthConfig;
pub use error::AuthError;
pub use finalize_sign_up::FinalizeSignUp;
pub use forget_lapsed::Forgotten;
pub use login::{Login, LoginOutcome, SecondFactorChallenge};
pub use model::{Challenge, ChallengeId, LoginChallengeId, Session};
pub use operators::{
    ActingToken, OperatorAuth, OperatorAuthConfig, OperatorAuthDeps, OperatorLoginOutcome, SignedInAs,
};
pub use options::{SignInMethods, SignInOptions};
pub use password::{
    HashCost, PasswordHasher, PasswordResetRequested, Passwords, SET_PASSWORD_TOPIC, TENANT_PROVISIONED_TOPIC,
};
pub use reauthenticate::Reauthentication;
pub use second_factor::{BackupCodes, Enrolment, SecondFactorProof};
pub use sign_in::SignIns;
pub use sign_up::SignUp;
pub use token::{AccessTokens, Audience, Jwk, Jwks};
pub use verify_code::SignupToken;

/// The tables of this domain.
pub const MIGRATIONS: &[Migration] =
    &[migration!("auth", "20261120000200_auth"), migration!("auth", "20261120001211_forgetting")];

/// What [`Auth`] stands on.
pub struct AuthDeps {
    /// The way to the database.
    pub db: Db,
    /// Who is who.
    pub users: Arc<dyn UserDirectory>,
    /// The logs.
    pub audit: Arc<dyn AuditSink>,
    /// Notices to users.
    pub notifier: Arc<dyn Notifier>,
    /// Telling people from programs.
    pub captcha: Arc<dyn CaptchaVerifier>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Access tokens; one for the whole node.
    pub tokens: Arc<AccessTokens>,
    /// Hashing; one for the whole node.
    pub hasher: PasswordHasher,
    /// What the deployment decided.
    pub config: AuthConfig,
}

/// Signing up, in and out. One for each way to the database; what is costly it shares with the node's others.
pub struct Auth {
    db: Db,
    users: Arc<dyn UserDirectory>,
    audit: Arc<dyn AuditSink>,
    notifier: Arc<dyn Notifier>,
    captcha: Arc<dyn CaptchaVerifier>,
    entropy: Arc<dyn Entropy>,
    tokens: Arc<AccessTokens>,
    sign_ins: SignIns,
    passwords: Passwords,
    config: AuthConfig,
}

impl Auth {
    /// Signing in on top of `deps`.
    pub fn new(deps: AuthDeps) -> Self {
        let AuthDeps { db, users, audit, notifier, captcha, entropy, tokens, hasher, config } = deps;
        let sign_ins =
            SignIns::new(Arc::clone(&tokens), Arc::clone(&users), Arc::clone(&audit), Arc::clone(&entropy));
        let passwords = Passwords::new(hasher, Arc::clone(&entropy));
        Self { db, users, audit, notifier, captcha, entropy, tokens, sign_ins, passwords, config }
    }
}
