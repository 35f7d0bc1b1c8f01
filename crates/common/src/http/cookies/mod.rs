//! Sessions of browsers: the tokens are in cookies that no script can read, and what changes something needs a token that no
//! other site has (ASVS V3.3, V3.5).
//!
//! Whatever signs somebody in takes a [`SessionKind`] and answers with a [`LoginAnswer`]. From then on auth turns the cookie
//! into the bearer token that the rest of the service knows, once it has seen that the request comes from a page of ours.

mod answer;
pub mod csrf;

use actix_web::{
    HttpMessage as _, HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
};
use schemars::JsonSchema;
use serde::Deserialize;

pub use answer::{
    CookieLoginResultView, CookieSessionView, LoginAnswer, LoginAnswerView, TokenAnswer, TokenAnswerView,
    WithCookies,
};

use crate::ports::IssuedTokens;

/// Holds the access token; only for the host that set it (RFC 6265bis §4.1.3.2).
pub const SESSION: &str = "__Host-ouvira_session";
/// Holds the refresh token; sent only where it is traded.
pub const REFRESH: &str = "__Secure-ouvira_refresh";
/// Where that is.
const REFRESH_PATH: &str = "/api/v1/auth/token/refresh";

/// Where a sign-in puts its tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    /// Into the answer.
    #[default]
    Bearer,
    /// Into cookies; the answer has a CSRF token instead.
    Cookie,
}

/// A mark on requests whose token came out of a cookie.
#[derive(Debug, Clone, Copy)]
pub struct FromCookie;

impl SessionKind {
    /// Where the token of a request came from.
    pub fn of(request: &HttpRequest) -> Self {
        if request.extensions().get::<FromCookie>().is_some() { Self::Cookie } else { Self::Bearer }
    }
}

fn seconds(lifetime: u64) -> Duration {
    Duration::seconds(i64::try_from(lifetime).unwrap_or(i64::MAX))
}

fn cookie(name: &'static str, value: String, path: &'static str, lifetime: Duration) -> Cookie<'static> {
    Cookie::build(name, value)
        .path(path)
        .max_age(lifetime)
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Strict)
        .finish()
}

/// The cookies that hold a pair.
fn cookies_of(tokens: &IssuedTokens) -> Vec<Cookie<'static>> {
    let access = tokens.access_token.expose().to_owned();
    let refresh = tokens.refresh_token.expose().to_owned();
    vec![
        cookie(SESSION, access, "/", seconds(tokens.expires_in)),
        cookie(REFRESH, refresh, REFRESH_PATH, seconds(tokens.refresh_expires_in)),
    ]
}

/// Cookies that take the place of those and are gone at once.
fn expired_cookies() -> Vec<Cookie<'static>> {
    vec![
        cookie(SESSION, String::new(), "/", Duration::ZERO),
        cookie(REFRESH, String::new(), REFRESH_PATH, Duration::ZERO),
    ]
}
