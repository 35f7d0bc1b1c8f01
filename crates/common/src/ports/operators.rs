//! People who run the platform, as others than auth meet them.

use async_trait::async_trait;

use super::TokenError;
use crate::{
    db::SessionScope,
    id::{OperatorId, SessionId},
    time::Timestamp,
};

/// What a valid access token of an operator says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedOperator {
    /// `sub`.
    pub operator: OperatorId,
    /// `sid`: their own session, in the catalog.
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

/// Tells which operator an access token belongs to. Implemented by auth.
#[async_trait]
pub trait OperatorVerifier: Send + Sync {
    /// Checks a token whose audience is the operators', and in the catalog, on every call, that its session lives and its
    /// operator is active. `None` for a token that is meant for tenants' routes, of which nothing was checked.
    async fn verify_operator(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<VerifiedOperator>, TokenError>;
}
