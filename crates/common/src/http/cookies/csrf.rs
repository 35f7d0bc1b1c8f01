//! Tokens against requests forged by other sites: an HMAC of the session's id, so that nothing has to be kept (OWASP, signed
//! double submit bound to the session).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{id::SessionId, sealing::DataKey, secret::equal};

/// The header it comes back in.
pub const HEADER: &str = "X-CSRF-Token";

/// The token of a session.
pub fn token(key: &DataKey, session: SessionId) -> String {
    URL_SAFE_NO_PAD.encode(key.mac("csrf", &[session.0.as_bytes()]))
}

/// Whether `shown` is the token of that session.
pub fn fits(shown: &str, key: &DataKey, session: SessionId) -> bool {
    equal(shown.as_bytes(), token(key, session).as_bytes())
}
