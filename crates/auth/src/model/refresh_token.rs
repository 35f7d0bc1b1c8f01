//! Refresh tokens: session id ‖ n ‖ HMAC(key, session secret ‖ session id ‖ n). The session's row holds the secret, sealed, and
//! the number of the present token; the token itself is kept nowhere and can be made again when an answer was lost.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ouvira_common::{
    id::SessionId,
    sealing::DataKey,
    secret::{Secret, equal},
};
use uuid::Uuid;

/// No session comes to so many; beyond it the next number might not fit its column.
const LAST: i64 = 1 << 48;

/// Bytes of a session's secret.
pub(crate) const REFRESH_SECRET: usize = 32;

/// What somebody shows as a refresh token; not authentic before [`Self::is_authentic`] said so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    pub(crate) session: SessionId,
    pub(crate) n: i64,
    mac: [u8; 32],
}

impl RefreshToken {
    /// Token number `n` of a session.
    pub(crate) fn make(key: &DataKey, secret: &[u8], session: SessionId, n: i64) -> Self {
        let mac = key.mac("refresh", &[secret, session.0.as_bytes(), &n.to_be_bytes()]);
        Self { session, n, mac }
    }

    /// As its holder gets it: 75 characters of base64url.
    pub(crate) fn text(&self) -> Secret {
        let mut bytes = self.session.0.as_bytes().to_vec();
        bytes.extend_from_slice(&self.n.to_be_bytes());
        bytes.extend_from_slice(&self.mac);
        Secret::new(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The parts of a token; `None` when it has another shape.
    pub(crate) fn parse(text: &Secret) -> Option<Self> {
        if text.expose().len() != 75 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text.expose()).ok()?;
        let (session, rest) = bytes.split_first_chunk::<16>()?;
        let (n, mac) = rest.split_first_chunk::<8>()?;
        let n = i64::from_be_bytes(*n);
        (1..LAST).contains(&n).then_some(Self {
            session: SessionId(Uuid::from_bytes(*session)),
            n,
            mac: mac.try_into().ok()?,
        })
    }

    /// Whether it was made with the session's secret and the tenant's key.
    pub(crate) fn is_authentic(&self, key: &DataKey, secret: &[u8]) -> bool {
        equal(&Self::make(key, secret, self.session, self.n).mac, &self.mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ouvira_common::{entropy::OsEntropy, id::TenantId};
    use proptest::prelude::*;

    #[test]
    fn a_token_is_authentic_only_as_it_was_made() {
        let key = DataKey::generate(TenantId(Uuid::from_u128(1)), &OsEntropy);
        let token = RefreshToken::make(&key, b"secret", SessionId(Uuid::from_u128(7)), 3);
        let text = token.text();
        assert_eq!(RefreshToken::parse(&text), Some(token));
        assert!(token.is_authentic(&key, b"secret"));
        assert!(!token.is_authentic(&key, b"another"));
        assert!(!RefreshToken { n: 4, ..token }.is_authentic(&key, b"secret"));
        let stranger = DataKey::generate(TenantId(Uuid::from_u128(2)), &OsEntropy);
        assert!(!token.is_authentic(&stranger, b"secret"));
    }

    proptest! {
        #[test]
        fn parsing_anything_never_panics(text: String) {
            let _ = RefreshToken::parse(&Secret::new(text));
        }
    }
}
