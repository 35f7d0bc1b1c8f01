//! From a cookie to a bearer token, for requests that come from a page of ours.

use actix_web::{
    Error, HttpMessage as _, HttpRequest,
    body::MessageBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
    http::header::{AUTHORIZATION, HeaderMap, HeaderValue, ORIGIN},
    middleware::{Next, from_fn},
    web::Data,
};
use ouvira_common::{
    http::{
        Gatekeeper, Problem,
        cookies::{FromCookie, SESSION, csrf},
    },
    id::SessionId,
    problem::Code,
};

use crate::token::session_of;

/// Where pages of ours come from: `scheme://host[:port]`, exactly as browsers write it in `Origin`. The app data holds it;
/// without it no request with a cookie changes anything.
#[derive(Debug, Clone)]
pub struct CookieOrigins(pub Vec<String>);

impl CookieOrigins {
    fn holds(&self, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(ORIGIN);
        let origin = origins.next().and_then(|origin| origin.to_str().ok());
        origins.next().is_none() && origin.is_some_and(|origin| self.0.iter().any(|ours| ours == origin))
    }
}

/// Routes that look at no session: a browser that comes back to sign in may bring a cookie of long ago.
const OPEN: [&str; 13] = [
    "/auth/config",
    "/auth/signup",
    "/auth/resend-otp",
    "/auth/verify-otp",
    "/auth/finalize-signup",
    "/auth/login",
    "/auth/login/2fa/totp",
    "/auth/login/2fa/backup-code",
    "/auth/password/forgot",
    "/auth/password/reset",
    "/auth/email/verify",
    "/users/accept-invite",
    // Reads its own cookie.
    "/auth/token/refresh",
];

/// Lets browsers bring their access token in a cookie. What is not GET, HEAD or OPTIONS needs a matching `Origin` and the
/// session's `X-CSRF-Token`; without them it is 403 `csrf_failed`. Wraps whatever asks who calls, limits included.
pub fn cookie_sessions<S, B>()
-> impl Transform<S, ServiceRequest, Response = ServiceResponse<B>, Error = Error, InitError = ()>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    from_fn(translate::<B>)
}

async fn translate<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    if let Some(token) = token_in_cookie(request.request()) {
        // First of all: what the gatekeeper has seen of a request it does not look at again.
        if let Ok(bearer) = HeaderValue::from_str(&format!("Bearer {token}")) {
            request.headers_mut().insert(AUTHORIZATION, bearer);
            request.extensions_mut().insert(FromCookie);
        }
        if !request.method().is_safe() {
            check(request.request(), session_of(&token)).await?;
        }
    }
    next.call(request).await
}

/// The access token in the cookie, where it takes the place of one in a header.
fn token_in_cookie(request: &HttpRequest) -> Option<String> {
    let path = request.path();
    let open = path.strip_prefix("/api/v1").is_some_and(|path| OPEN.contains(&path));
    let cookie =
        request.cookie(SESSION).filter(|_| !open && !request.headers().contains_key(AUTHORIZATION))?;
    Some(cookie.value().to_owned())
}

/// Refuses a request that somebody else's page made its browser send, for a session that the request itself names: whether
/// it may name it is looked at later.
pub(in super::super) async fn check(
    request: &HttpRequest,
    session: Option<SessionId>,
) -> Result<(), Problem> {
    let failed = || Problem::new(Code::CsrfFailed);
    let origins = request.app_data::<Data<CookieOrigins>>();
    if !origins.is_some_and(|origins| origins.holds(request.headers())) {
        return Err(failed());
    }
    let tenant = Gatekeeper::tenant_of(request).await?;
    let shown = request.headers().get(csrf::HEADER).and_then(|token| token.to_str().ok());
    let fits =
        shown.zip(session).is_some_and(|(shown, session)| csrf::fits(shown, &tenant.data_key, session));
    if fits { Ok(()) } else { Err(failed()) }
}
