//! The secret in an invitation: 256 random bits, of which only a keyed hash is kept.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ouvira_common::{
    entropy::{Entropy, random_bytes},
    sealing::DataKey,
};

/// A token as it is mailed.
pub(super) struct Token(String);

impl Token {
    pub(super) fn new(entropy: &dyn Entropy) -> Self {
        Self(URL_SAFE_NO_PAD.encode(random_bytes::<32>(entropy)))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// How it is kept and found.
    pub(super) fn hash(&self, key: &DataKey) -> [u8; 32] {
        hash(key, &self.0)
    }
}

/// What a presented token is looked up by. The key is the tenant's, so that a token is nothing anywhere else.
pub(super) fn hash(key: &DataKey, token: &str) -> [u8; 32] {
    key.mac("access_control.invitation", &[token.as_bytes()])
}
