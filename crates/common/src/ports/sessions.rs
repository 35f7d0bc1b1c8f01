//! Tokens, sessions and passwords, as others than auth need them.

use async_trait::async_trait;

use crate::{
    db::{DbError, SessionScope, Tx},
    id::{SessionId, TenantId, UserId},
    principal::Principal,
    problem::{Code, Failure, FieldErrors},
    secret::Secret,
    time::Timestamp,
};

/// What a valid access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedToken {
    /// `tid`.
    pub tenant: TenantId,
    /// `kind` and `sub`.
    pub principal: Principal,
    /// `sid`: the session, or an operator's grant.
    pub session: SessionId,
    /// What the session opens.
    pub scope: SessionScope,
    /// `amr`.
    pub amr: Vec<String>,
    /// `auth_time`.
    pub authenticated_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
}

/// A token that is not accepted; callers are told one thing for all reasons.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Malformed, forged, expired, for another audience.
    #[error("the token is not valid")]
    Invalid,
    /// The keys cannot be had.
    #[error("signing keys cannot be had: {0}")]
    Unavailable(String),
}

impl Failure for TokenError {
    fn code(&self) -> Code {
        match self {
            Self::Invalid => Code::TokenInvalid,
            Self::Unavailable(_) => Code::ServiceUnavailable,
        }
    }
}

/// Tells what an access token says. Implemented by auth; verified tokens are remembered until they expire.
#[async_trait]
pub trait TokenVerifier: Send + Sync {
    /// Checks signature, type, issuer, audience and times (RFC 9068 §4).
    async fn verify(&self, token: &str, now: Timestamp) -> Result<VerifiedToken, TokenError>;
}

/// A fresh pair of tokens.
#[derive(Debug, Clone)]
pub struct IssuedTokens {
    /// The session they belong to.
    pub session: SessionId,
    /// What they open: a tenant that wants a second factor of everybody lets newcomers only enrol one.
    pub scope: SessionScope,
    /// JWT.
    pub access_token: Secret,
    /// Opaque.
    pub refresh_token: Secret,
    /// Seconds the access token lives.
    pub expires_in: u64,
    /// Seconds the refresh token lives when it is not used.
    pub refresh_expires_in: u64,
}

/// Begins and ends sessions. Implemented by auth.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// A new session of `user`, who proved themselves by `amr` just now.
    async fn start(
        &self,
        tx: &mut Tx,
        user: UserId,
        amr: &[&'static str],
    ) -> Result<IssuedTokens, CredentialError>;

    /// Ends all sessions of `user` but `except`.
    async fn end_all(&self, tx: &mut Tx, user: UserId, except: Option<SessionId>) -> Result<(), DbError>;
}

/// A password after hashing (PHC string format).
#[derive(Debug, Clone)]
pub struct HashedPassword(pub Secret);

/// A password that was not taken, or could not be hashed.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// Too short, too long, too common.
    #[error(transparent)]
    Fields(#[from] FieldErrors),
    /// All hashing capacity is in use.
    #[error("too many passwords are being hashed")]
    Busy,
    /// Signing keys cannot be had.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Failure for CredentialError {
    fn code(&self) -> Code {
        match self {
            Self::Fields(fields) => fields.code(),
            Self::Busy => Code::ServiceUnavailable,
            Self::Token(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }

    fn fields(&self) -> &[crate::problem::FieldError] {
        match self {
            Self::Fields(fields) => fields.fields(),
            _ => &[],
        }
    }
}

/// Sets passwords for others than auth. Hashing happens outside of a transaction.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// Checks a new password against the tenant's policy and hashes it; errors point at `/password`.
    async fn hash(
        &self,
        ctx: &crate::context::RequestContext,
        password: &Secret,
    ) -> Result<HashedPassword, CredentialError>;

    /// Gives `user` that password.
    async fn set(&self, tx: &mut Tx, user: UserId, password: &HashedPassword) -> Result<(), DbError>;
}
