//! Paths that older clients use: without the version, and five former names.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
    http::{
        Uri,
        header::{HeaderName, HeaderValue, LINK},
        uri::PathAndQuery,
    },
    middleware::{Next, from_fn},
};

/// What answers without the version too. By list: `/api/v2/…` is nobody's.
const DOMAINS: [&str; 11] = [
    "auth",
    "account",
    "access-control",
    "company",
    "audit",
    "tenants",
    "users",
    "user-roles",
    "roles",
    "me",
    "timezone",
];

/// Former names below `/api/auth` and what they are called now.
const RENAMED: [(&str, &str); 5] = [
    ("resent-otp", "resend-otp"),
    ("finalize-signin", "finalize-signup"),
    ("settings_enable-2fa", "2fa/enable"),
    ("login-2fa-verify-code", "login/2fa/totp"),
    ("login-2fa-verify-backup", "login/2fa/backup-code"),
];

/// When the former names were given up (RFC 9745): 2026-11-20.
const DEPRECATED_SINCE: &str = "@1795132800";

/// Where a path leads now, if it is an older one.
pub(crate) fn successor(path: &str) -> Option<String> {
    leads_to(path).map(|successor| successor.path)
}

/// Where a path leads now.
#[derive(Debug, PartialEq, Eq)]
struct Successor {
    path: String,
    renamed: bool,
}

fn leads_to(path: &str) -> Option<Successor> {
    let rest = path.strip_prefix("/api/")?;
    let rest = rest.strip_prefix("v1/").unwrap_or(rest).trim_end_matches('/');
    let renamed =
        rest.strip_prefix("auth/").and_then(|name| RENAMED.iter().find(|(former, _)| *former == name));
    if let Some((_, name)) = renamed {
        return Some(Successor { path: format!("/api/v1/auth/{name}"), renamed: true });
    }
    let domain = rest.split('/').next().unwrap_or_default();
    let unversioned = !path.starts_with("/api/v1/") && DOMAINS.contains(&domain);
    unversioned.then(|| Successor { path: format!("/api/v1/{rest}"), renamed: false })
}

/// Answers older paths as what they are now; under a former name with `Deprecation` (RFC 9745) and a `Link` to its
/// successor (RFC 5829).
pub(super) fn older_paths<S, B>()
-> impl Transform<S, ServiceRequest, Response = ServiceResponse<B>, Error = Error, InitError = ()>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    from_fn(follow::<B>)
}

async fn follow<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let Some(successor) = leads_to(request.path()) else { return next.call(request).await };
    redirect(&mut request, &successor.path);
    let mut response = next.call(request).await?;
    if successor.renamed {
        let headers = response.headers_mut();
        headers.insert(HeaderName::from_static("deprecation"), HeaderValue::from_static(DEPRECATED_SINCE));
        if let Ok(link) = HeaderValue::from_str(&format!("<{}>; rel=\"successor-version\"", successor.path)) {
            headers.insert(LINK, link);
        }
    }
    Ok(response)
}

/// Has the request routed as one to `path`.
fn redirect(request: &mut ServiceRequest, path: &str) {
    let query = request.query_string();
    let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    let Ok(target) = target.parse::<PathAndQuery>() else { return };
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(target);
    if let Ok(uri) = Uri::from_parts(parts) {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(path: &str) -> Option<(String, bool)> {
        leads_to(path).map(|successor| (successor.path, successor.renamed))
    }

    #[test]
    fn older_paths_lead_to_the_present_ones() {
        assert_eq!(leads("/api/auth/login/"), Some(("/api/v1/auth/login".to_owned(), false)));
        assert_eq!(leads("/api/company"), Some(("/api/v1/company".to_owned(), false)));
        assert_eq!(leads("/api/auth/resent-otp/"), Some(("/api/v1/auth/resend-otp".to_owned(), true)));
        assert_eq!(
            leads("/api/v1/auth/finalize-signin"),
            Some(("/api/v1/auth/finalize-signup".to_owned(), true))
        );
        for path in
            ["/api/v2/company", "/api/v1/company", "/api/companyx", "/api/", "/company", "/api/openapi.json"]
        {
            assert_eq!(leads(path), None, "{path}");
        }
    }
}
