//! Checking an access token (RFC 9068 §4, RFC 8725).

use std::sync::Arc;

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, crypto};
use ouvira_common::{
    ports::{TokenError, TokenVerifier, VerifiedToken},
    time::Timestamp,
};
use serde::Deserialize;

use super::{AccessTokens, Audience, Ring, claims::Claims, memory::Fingerprint};

pub(super) const TYPE: &str = "at+jwt";
pub(super) const ALGORITHM: &str = "EdDSA";
/// Longer than any token of ours.
const MAX_LENGTH: usize = 4096;
/// Longer than the name of any key of ours.
const MAX_KID: usize = 64;

/// Everything that a header may hold. A key or an address of one (`jwk`, `jku`, `x5u`), an extension that must be
/// understood (`crit`), any other member: not a token of ours.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<'a> {
    typ: &'a str,
    alg: &'a str,
    kid: &'a str,
}

impl AccessTokens {
    /// Checks a token that is for `audience`; every reason to refuse it is one answer. A token that was accepted once is
    /// recognised by its hash until it expires, without another look at its signature.
    pub async fn verify_for(
        &self,
        audience: Audience,
        token: &str,
        now: Timestamp,
    ) -> Result<VerifiedToken, TokenError> {
        if token.len() > MAX_LENGTH {
            return Err(TokenError::Invalid);
        }
        let ring = self.ring().await?;
        let fingerprint = Fingerprint::of(audience, token);
        if let Some(known) = ring.memory.recall(&fingerprint) {
            return if known.expires_at > now { Ok(known) } else { Err(TokenError::Invalid) };
        }
        let (ring, verified) = self.check(ring, audience, token, now).await?;
        ring.memory.remember(fingerprint, &verified);
        Ok(verified)
    }

    async fn check(
        &self,
        mut ring: Arc<Ring>,
        audience: Audience,
        token: &str,
        now: Timestamp,
    ) -> Result<(Arc<Ring>, VerifiedToken), TokenError> {
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Invalid)?;
        let (header, claims) = message.split_once('.').ok_or(TokenError::Invalid)?;
        let header = decode(header)?;
        let header: Header<'_> = serde_json::from_slice(&header).map_err(|_| TokenError::Invalid)?;
        if header.alg != ALGORITHM || header.typ != TYPE || header.kid.len() > MAX_KID {
            return Err(TokenError::Invalid);
        }
        if ring.verifier(header.kid).is_none() {
            ring = self.ring_with(header.kid).await?;
        }
        let key = ring.verifier(header.kid).ok_or(TokenError::Invalid)?;
        if !crypto::verify(signature, message.as_bytes(), key, Algorithm::EdDSA).unwrap_or(false) {
            return Err(TokenError::Invalid);
        }
        let claims = decode(claims)?;
        let claims: Claims<'_> = serde_json::from_slice(&claims).map_err(|_| TokenError::Invalid)?;
        let verified = claims.accept(&self.issuer, audience, now)?;
        Ok((ring, verified))
    }
}

/// The `sid` that a token claims to have, whether or not it is authentic: for what has to be known before it is verified,
/// and decides nothing by itself.
#[cfg(feature = "http")]
pub(crate) fn session_of(token: &str) -> Option<ouvira_common::id::SessionId> {
    #[derive(Deserialize)]
    struct Claimed {
        sid: ouvira_common::id::SessionId,
    }
    let claims = decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&claims).ok().map(|Claimed { sid }| sid)
}

/// Who a token claims to be for, whether or not it is authentic; `None` for what is no token of ours.
pub(crate) fn audience_of(token: &str) -> Option<Audience> {
    #[derive(Deserialize)]
    struct Claimed {
        aud: Audience,
    }
    if token.len() > MAX_LENGTH {
        return None;
    }
    let claims = decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&claims).ok().map(|Claimed { aud }| aud)
}

/// Base64url without padding, in its one canonical spelling (RFC 7515 §2).
fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Invalid)
}

#[async_trait]
impl TokenVerifier for AccessTokens {
    async fn verify(&self, token: &str, now: Timestamp) -> Result<VerifiedToken, TokenError> {
        self.verify_for(Audience::Tenant, token, now).await
    }
}
