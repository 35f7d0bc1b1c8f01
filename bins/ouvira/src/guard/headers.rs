//! What every answer tells browsers to be careful about (OWASP Secure Headers, ASVS V3.4).

use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

const EVERYWHERE: [(HeaderName, &str); 7] = [
    // An answer of the API is nothing to be shown: whatever a browser takes it for, it may load and run nothing.
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    // What other origins' pages may read is for CORS to say; this keeps answers out of their images and scripts.
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), browsing-topics=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
    ),
];

/// One year (RFC 6797 §6.1.1), for this very host: the names below a tenant's own domain are not ours to decide about.
const HSTS: (HeaderName, &str) = (STRICT_TRANSPORT_SECURITY, "max-age=31536000");

/// The headers that are added where they are absent: the pages of the documentation bring a policy of their own.
#[derive(Debug)]
pub(super) struct Headers(Vec<(HeaderName, HeaderValue)>);

impl Headers {
    /// With HSTS where the service is reached over `https` only.
    pub(super) fn new(https: bool) -> Self {
        let all = EVERYWHERE.into_iter().chain(https.then_some(HSTS));
        Self(all.map(|(name, value)| (name, HeaderValue::from_static(value))).collect())
    }

    /// Adds what is absent.
    pub(super) fn complete(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.0 {
            if !headers.contains_key(name) {
                headers.insert(name.clone(), value.clone());
            }
        }
    }
}
