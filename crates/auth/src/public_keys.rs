//! The keys for whoever verifies our tokens.

use crate::{Auth, AuthError, Jwks};

impl Auth {
    /// The public keys that access tokens in circulation are signed with. A new key is among them before anything is
    /// signed with it, an old one until nothing signed with it is valid any more.
    pub async fn public_keys(&self) -> Result<Jwks, AuthError> {
        Ok(self.tokens.ring().await?.public())
    }
}
