//! The public keys, for whoever verifies our tokens (RFC 7517, RFC 8037).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ouvira_common::ports::SigningKey;
use serde::Serialize;

/// One public key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Jwk {
    /// Key type: an octet key pair.
    pub kty: &'static str,
    /// The curve.
    pub crv: &'static str,
    /// The public key, base64url.
    pub x: String,
    /// Its name in the header of tokens.
    pub kid: String,
    /// What it is for: signatures.
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// The algorithm it is used with.
    pub alg: &'static str,
}

/// All keys that tokens in circulation may be signed with, the one that is signed with soon included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Jwks {
    /// The keys.
    pub keys: Vec<Jwk>,
}

impl Jwks {
    pub(super) fn of(keys: &[SigningKey]) -> Self {
        let public = |key: &SigningKey| Jwk {
            kty: "OKP",
            crv: "Ed25519",
            x: URL_SAFE_NO_PAD.encode(key.public),
            kid: key.kid.clone(),
            usage: "sig",
            alg: super::verify::ALGORITHM,
        };
        Self { keys: keys.iter().map(public).collect() }
    }
}
