//! Signing secrets: shown once, sealed with the tenant's data key at rest.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ouvira_common::{
    entropy::{Entropy, random_bytes},
    sealing::{DataKey, Place, Unsealable},
    secret::Secret,
};

use crate::model::WebhookId;

const PREFIX: &str = "whsec_";

/// What a webhook's messages are signed with: 32 random bytes.
#[derive(Clone)]
pub struct SigningSecret([u8; 32]);

impl std::fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

const fn place(webhook: WebhookId) -> Place {
    Place { table: "webhooks", column: "secret", row: webhook.0 }
}

impl SigningSecret {
    pub(crate) fn generate(entropy: &dyn Entropy) -> Self {
        Self(random_bytes(entropy))
    }

    /// As its holder keeps it: `whsec_` and base64.
    pub fn text(&self) -> Secret {
        Secret::new(format!("{PREFIX}{}", STANDARD.encode(self.0)))
    }

    pub(crate) fn key(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn seal(&self, webhook: WebhookId, key: &DataKey, entropy: &dyn Entropy) -> Vec<u8> {
        key.seal(place(webhook), &self.0, entropy)
    }

    pub(crate) fn open(webhook: WebhookId, key: &DataKey, sealed: &[u8]) -> Result<Self, Unsealable> {
        let bytes = key.open(place(webhook), sealed)?;
        bytes.try_into().map(Self).map_err(|_| Unsealable)
    }
}
