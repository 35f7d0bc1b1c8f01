//! Access tokens: JWTs after RFC 9068, signed with Ed25519 (RFC 8037), which is why its RS256 is left out.

mod claims;
mod jwks;
mod memory;
mod ring;
mod verify;

use std::sync::{Arc, PoisonError, RwLock};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ouvira_common::{
    ports::{KeyError, SigningKey, SigningKeys, TokenError},
    secret::Secret,
};

pub use claims::Audience;
pub(crate) use claims::{AccessClaims, Subject};
pub use jwks::{Jwk, Jwks};
pub(crate) use ring::Ring;
pub(crate) use verify::audience_of;
#[cfg(feature = "http")]
pub(crate) use verify::session_of;

/// Signs and verifies access tokens. One for the whole node: what it has verified it remembers.
pub struct AccessTokens {
    keys: Arc<dyn SigningKeys>,
    issuer: String,
    ring: RwLock<Option<Arc<Ring>>>,
}

impl AccessTokens {
    /// Tokens of `issuer` (`PUBLIC_URL`), signed with the first of `keys` and accepted under any of them.
    pub fn new(issuer: impl Into<String>, keys: Arc<dyn SigningKeys>) -> Self {
        Self { keys, issuer: issuer.into(), ring: RwLock::new(None) }
    }

    /// The keys in force, parsed; what was verified with others is forgotten.
    pub(crate) async fn ring(&self) -> Result<Arc<Ring>, TokenError> {
        self.parse(self.keys.keys().await)
    }

    /// The same, asked anew when the key named `kid` is not among those remembered: another node may have made it.
    async fn ring_with(&self, kid: &str) -> Result<Arc<Ring>, TokenError> {
        self.parse(self.keys.keys_with(kid).await)
    }

    fn parse(&self, keys: Result<Arc<[SigningKey]>, KeyError>) -> Result<Arc<Ring>, TokenError> {
        let keys = keys.map_err(|error| TokenError::Unavailable(error.0))?;
        if let Some(ring) = self.parsed(&keys) {
            return Ok(ring);
        }
        let ring = Arc::new(Ring::parse(keys)?);
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&ring));
        Ok(ring)
    }

    fn parsed(&self, keys: &Arc<[SigningKey]>) -> Option<Arc<Ring>> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        ring.as_ref().filter(|ring| ring.is_of(keys)).cloned()
    }

    /// Signs `claims` with the present key.
    pub(crate) fn sign(&self, ring: &Ring, claims: &AccessClaims) -> Result<Secret, TokenError> {
        let claims = serde_json::to_vec(&claims.issued_by(&self.issuer)).expect("claims are plain data");
        let message = format!("{}.{}", ring.header(), URL_SAFE_NO_PAD.encode(claims));
        let signature = ring.sign(message.as_bytes())?;
        Ok(Secret::new(format!("{message}.{signature}")))
    }
}
