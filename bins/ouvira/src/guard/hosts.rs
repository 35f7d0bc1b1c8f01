//! Which hosts are answered.
//!
//! `ALLOWED_HOSTS` alone decides, for tenants' names too: a deployment whose tenants are named by host lists
//! `*.<TENANT_BASE_DOMAIN>` and every domain that a tenant brings. What is not listed never reaches the catalog.

use actix_web::{
    dev::ServiceRequest,
    http::header::{self, HeaderValue},
};

use crate::config::AllowedHosts;

/// Where the service tells how it is. Under any host, since probes call a node by its address.
const HEALTH: [&str; 3] = ["/health", "/health/ready", "/api/v1/health"];

/// Whether `path` is one of those that tell how the service is.
pub(crate) fn is_health(path: &str) -> bool {
    HEALTH.contains(&path.trim_end_matches('/'))
}

/// Whether every host that `request` names is allowed, and there is one. The authority of HTTP/2 and of the absolute form
/// counts, and each `Host` (RFC 9112 §3.2): who reads another one than we do must not be led astray.
pub(super) fn admits(hosts: &AllowedHosts, request: &ServiceRequest) -> bool {
    if *hosts == AllowedHosts::Any || is_health(request.path()) {
        return true;
    }
    let authority = request.uri().host().map(Some);
    let fields = request.headers().get_all(header::HOST).map(|host: &HeaderValue| host.to_str().ok());
    let mut names = authority.into_iter().chain(fields).peekable();
    names.peek().is_some() && names.all(|name| name.is_some_and(|name| hosts.allows(name)))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use crate::config::{Config, Purpose};

    fn admitted(request: TestRequest) -> bool {
        let hosts =
            |name: &str| (name == "ALLOWED_HOSTS").then(|| "api.example.com,*.t.example.com".to_owned());
        let config = Config::load(Purpose::Look, hosts).unwrap();
        admits(&config.http.allowed_hosts, &request.to_srv_request())
    }

    fn to(host: &'static str) -> TestRequest {
        TestRequest::with_uri("/api/v1/me").append_header(("host", host))
    }

    #[test]
    fn every_name_of_a_request_has_to_be_allowed() {
        assert!(admitted(to("api.example.com:443")) && admitted(to("acme.t.example.com")));
        assert!(!admitted(to("evil.example")) && !admitted(TestRequest::with_uri("/api/v1/me")));
        assert!(!admitted(to("api.example.com").append_header(("host", "evil.example"))));
        assert!(!admitted(to("api.example.com").uri("http://evil.example/api/v1/me")));
        assert!(!admitted(to("api.example.com\u{e9}")));
        assert!(admitted(TestRequest::with_uri("http://api.example.com/api/v1/me")));
    }

    #[test]
    fn probes_may_call_a_node_by_its_address() {
        assert!(
            admitted(to("10.0.0.7:8000").uri("/health/ready")) && admitted(TestRequest::with_uri("/health/"))
        );
        assert!(!admitted(to("10.0.0.7:8000").uri("/healthy")));
    }
}
