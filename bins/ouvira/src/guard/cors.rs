//! Which pages may call from a browser (Fetch, the CORS protocol).

use actix_web::{
    HttpResponse,
    dev::RequestHead,
    http::{
        Method,
        header::{
            self, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS,
            ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
            ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue, VARY,
        },
    },
};

use crate::config::AllowedOrigins;

/// What pages may send. By name: `*` would not hold where credentials are sent.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-Request-Id, X-Tenant",
);
/// What pages may read, besides the body and the few headers that all may.
const ANSWER_HEADERS: HeaderValue = HeaderValue::from_static(
    "Content-Disposition, Deprecation, ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, \
     WWW-Authenticate, X-Request-Id",
);
/// How long a browser remembers a preflight's answer, in seconds.
const MEMORY: HeaderValue = HeaderValue::from_static("600");

/// The origins whose pages may call.
#[derive(Debug)]
pub(super) struct Cors(AllowedOrigins);

impl Cors {
    /// These.
    pub(super) fn new(origins: AllowedOrigins) -> Self {
        Self(origins)
    }

    fn allows(&self, origin: &HeaderValue) -> bool {
        origin.to_str().is_ok_and(|origin| self.0.allows(origin))
    }

    /// Lets pages of `origin` read an answer. With credentials only where the origin is listed: under `*` a browser has to
    /// leave them out.
    pub(super) fn share(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
        let listed = matches!(self.0, AllowedOrigins::These(_));
        if listed {
            // To whom it is shared depends on who asks, and a cache must know that of the answers without it too.
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
        let Some(origin) = origin.filter(|origin| self.allows(origin)) else { return };
        if listed {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        } else {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, ANSWER_HEADERS);
    }

    /// The answer to a preflight of an allowed origin; [`Self::share`] completes it. Any other `OPTIONS` request is answered
    /// as if no browser had asked, which a browser takes as a no.
    pub(super) fn preflight(&self, request: &RequestHead) -> Option<HttpResponse> {
        let asks =
            request.method == Method::OPTIONS && request.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        let allowed = request.headers.get(header::ORIGIN).is_some_and(|origin| self.allows(origin));
        (asks && allowed).then(|| {
            HttpResponse::NoContent()
                .insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS))
                .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS))
                .insert_header((ACCESS_CONTROL_MAX_AGE, MEMORY))
                .finish()
        })
    }
}
