//! Hosts, origins and the headers of every answer, by the real binary.

use serde_json::json;

use crate::service::{Answer, Service};

fn field<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

const CAREFUL: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "content-security-policy",
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
];

#[tokio::test]
async fn every_answer_is_careful() {
    let service = Service::shared().await;
    for (method, path) in [
        ("GET", "/timezone"),
        ("HEAD", "/timezone"),
        ("OPTIONS", "/timezone"),
        ("DELETE", "/timezone"),
        ("GET", "/health"),
        ("GET", "/nothing"),
        ("GET", "/account/profile"),
        ("POST", "/auth/login"),
        ("GET", "/.well-known/jwks.json"),
    ] {
        let answer = service.send(service.request(method, path)).await;
        for (name, value) in CAREFUL {
            assert_eq!(field(&answer, name), value, "{method} {path}: {name}");
        }
        assert!(field(&answer, "permissions-policy").contains("camera=()"), "{method} {path}");
        assert!(answer.headers.contains_key("x-request-id"), "{method} {path}");
        assert!(!answer.headers.contains_key("strict-transport-security"), "local mode has no TLS");
    }
    let page = service.send(service.request("GET", "/api/docs")).await;
    assert!(
        field(&page, "content-security-policy").contains("script-src 'self'"),
        "the pages have a policy of their own"
    );
    assert_eq!(page.headers.get_all("content-security-policy").iter().count(), 1);
    assert_eq!(field(&page, "x-frame-options"), "DENY");
}

#[tokio::test]
async fn pages_of_listed_origins_may_call_and_of_no_others() {
    let service =
        Service::start(&[("CORS_ALLOWED_ORIGINS", "https://app.example.com,https://two.example.com")]).await;
    let preflight = |origin: &str| {
        let request = service.request("OPTIONS", "/auth/login").header("Origin", origin);
        request
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "content-type,x-tenant,authorization")
    };
    for origin in ["https://app.example.com", "https://two.example.com"] {
        let answer = service.send(preflight(origin)).await;
        assert_eq!(answer.status, 204);
        assert_eq!(field(&answer, "access-control-allow-origin"), origin);
        assert_eq!(field(&answer, "access-control-allow-credentials"), "true");
        assert!(field(&answer, "access-control-allow-methods").contains("PATCH"));
        for name in ["Authorization", "Content-Type", "X-Tenant", "If-Match", "Idempotency-Key"] {
            assert!(field(&answer, "access-control-allow-headers").contains(name), "{name}");
        }
        assert!(answer.headers.contains_key("x-request-id"));
        // An error too is the page's to read.
        let wrong =
            service.request("POST", "/auth/login").header("Origin", origin).header("X-Tenant", "demo");
        let answer = service
            .send(wrong.json(&json!({"identifier": "x@example.com", "password": "wrong, all of it"})))
            .await;
        assert_eq!(field(&answer, "access-control-allow-origin"), origin);
        for name in [
            "ETag",
            "Location",
            "X-Request-Id",
            "RateLimit",
            "RateLimit-Policy",
            "Retry-After",
            "Idempotency-Replayed",
        ] {
            let exposed = field(&answer, "access-control-expose-headers");
            assert!(exposed.split(", ").any(|exposed| exposed == name), "{name}: {exposed}");
        }
        assert_eq!(answer.problem(401), "credentials_invalid");
    }
    for origin in
        ["https://evil.example", "http://app.example.com", "https://app.example.com.evil.example", "null"]
    {
        for request in [preflight(origin), service.request("GET", "/timezone").header("Origin", origin)] {
            let answer = service.send(request).await;
            assert!(
                !answer.headers.keys().any(|name| name.as_str().starts_with("access-control-")),
                "{origin}"
            );
            assert!(
                answer.headers.get_all("vary").iter().any(|vary| vary == "Origin"),
                "{:?}",
                answer.headers
            );
        }
    }
    let unasked = service.send(service.request("GET", "/timezone")).await;
    assert!(
        unasked.headers.get_all("vary").iter().any(|vary| vary == "Origin"),
        "a cache must not mix them up"
    );
    let options = service.send(service.request("OPTIONS", "/auth/login")).await;
    assert!(
        options.status == 204 && field(&options, "allow").contains("POST"),
        "OPTIONS without a page is as ever"
    );
}

#[tokio::test]
async fn every_origin_may_call_where_all_may_but_without_credentials() {
    let service = Service::start(&[("CORS_ALLOWED_ORIGINS", "*")]).await;
    let answer =
        service.send(service.request("GET", "/timezone").header("Origin", "https://any.example")).await;
    assert_eq!(field(&answer, "access-control-allow-origin"), "*");
    assert!(!answer.headers.contains_key("access-control-allow-credentials"));
}

#[tokio::test]
async fn only_listed_hosts_are_answered() {
    let service = Service::start(&[
        ("ALLOWED_HOSTS", "api.example.com,*.tenants.example.com,shop.example"),
        ("TENANT_BASE_DOMAIN", "tenants.example.com"),
        ("PUBLIC_URL", "http://api.example.com"),
    ])
    .await;
    let at = |host: &str, path: &str| service.request("GET", path).header("Host", host);
    service.send(at("api.example.com", "/timezone")).await.expect(200);
    service.send(at("demo.tenants.example.com:8000", "/auth/config")).await.expect(200);
    assert_eq!(
        service.send(at("shop.example", "/auth/config")).await.problem(400),
        "tenant_required",
        "it is let in"
    );
    for host in ["evil.example", "tenants.example.com", "127.0.0.1", "api.example.com.evil.example"] {
        let answer = service.send(at(host, "/timezone")).await;
        assert_eq!(field(&answer, "x-frame-options"), "DENY");
        assert_eq!(answer.problem(400), "host_not_allowed", "{host}");
    }
    service.send(at("127.0.0.1", "/health")).await.expect(200);
}
