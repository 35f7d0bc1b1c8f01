//! The keys that sign access tokens.

use std::sync::Arc;

use async_trait::async_trait;

use crate::secret::Secret;

/// One Ed25519 key.
#[derive(Debug, Clone)]
pub struct SigningKey {
    /// `kid`.
    pub kid: String,
    /// Private key, PKCS#8 PEM.
    pub private_pem: Secret,
    /// Public key, 32 bytes (RFC 8037 `x`).
    pub public: [u8; 32],
}

/// Keys cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("signing keys cannot be had: {0}")]
pub struct KeyError(pub String);

/// The keys tokens are signed and checked with. Implemented by tenancy from the catalog.
#[async_trait]
pub trait SigningKeys: Send + Sync {
    /// All keys that tokens in circulation may be signed with; the first one signs.
    async fn keys(&self) -> Result<Arc<[SigningKey]>, KeyError>;

    /// The same for a token that names `kid`: asked anew when it is not among those remembered.
    async fn keys_with(&self, kid: &str) -> Result<Arc<[SigningKey]>, KeyError> {
        let _ = kid;
        self.keys().await
    }
}
