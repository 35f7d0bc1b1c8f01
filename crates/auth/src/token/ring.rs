//! The keys in force, parsed once.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, crypto};
use ouvira_common::ports::{SigningKey, TokenError};
use serde_json::json;

use super::{Jwks, memory::Memory};

/// Keys, and the tokens that were verified with them: when the keys change, nothing verified with the former ones is
/// still believed.
pub(crate) struct Ring {
    source: Arc<[SigningKey]>,
    header: String,
    signer: EncodingKey,
    verifiers: Vec<(String, DecodingKey)>,
    pub(super) memory: Memory,
}

impl Ring {
    pub(super) fn parse(source: Arc<[SigningKey]>) -> Result<Self, TokenError> {
        let unusable = |what: &str| TokenError::Unavailable(what.to_owned());
        let present = source.first().ok_or_else(|| unusable("there is no signing key"))?;
        let header = json!({"typ": super::verify::TYPE, "alg": super::verify::ALGORITHM, "kid": present.kid});
        let signer = EncodingKey::from_ed_pem(present.private_pem.expose().as_bytes())
            .map_err(|_| unusable("the signing key is not an Ed25519 key"))?;
        let verifiers =
            source.iter().map(|key| (key.kid.clone(), DecodingKey::from_ed_der(&key.public))).collect();
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        Ok(Self { source, header, signer, verifiers, memory: Memory::default() })
    }

    /// Whether these are the keys it was made of.
    pub(super) fn is_of(&self, keys: &Arc<[SigningKey]>) -> bool {
        let same = |(a, b): (&SigningKey, &SigningKey)| a.kid == b.kid && a.public == b.public;
        Arc::ptr_eq(&self.source, keys)
            || (self.source.len() == keys.len() && self.source.iter().zip(keys.iter()).all(same))
    }

    pub(super) fn header(&self) -> &str {
        &self.header
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<String, TokenError> {
        crypto::sign(message, &self.signer, Algorithm::EdDSA)
            .map_err(|_| TokenError::Unavailable("the signing key does not sign".to_owned()))
    }

    /// The public key named `kid`; `None` when no token in circulation may be signed with it.
    pub(super) fn verifier(&self, kid: &str) -> Option<&DecodingKey> {
        self.verifiers.iter().find(|(name, _)| name == kid).map(|(_, key)| key)
    }

    /// The public keys.
    pub(crate) fn public(&self) -> Jwks {
        Jwks::of(&self.source)
    }
}
