use actix_web::test::TestRequest;
use serde_json::json;

use crate::support::{ACME, GLOBEX, INITECH, Setup, get, send, send_to};

fn at(host: &str) -> TestRequest {
    get("/anonymous").insert_header(("Host", host))
}

fn named(slug: &str) -> TestRequest {
    get("/anonymous").insert_header(("X-Tenant", slug))
}

#[actix_web::test]
async fn header_host_and_own_domain_name_a_tenant() {
    assert_eq!(send(named("acme")).await.json()["tenant"], json!(ACME));
    for host in ["acme.ouvira.test", "ACME.Ouvira.Test.:8080", "acme.example", "Acme.Example:443"] {
        assert_eq!(send(at(host)).await.json()["tenant"], json!(ACME), "{host}");
    }
    assert_eq!(send(at("www.globex.example.")).await.json()["tenant"], json!(GLOBEX));
}

#[actix_web::test]
async fn the_same_tenant_may_be_named_twice() {
    for host in [
        "acme.ouvira.test",
        "acme.example",
        "api.ouvira.test",
        "ouvira.test:80",
        "10.0.0.1:8080",
        "[::1]:8080",
        "other.example",
    ] {
        let answer = send(at(host).insert_header(("X-Tenant", "acme"))).await;
        assert_eq!(answer.json()["tenant"], json!(ACME), "{host}");
    }
}

#[actix_web::test]
async fn two_different_ones_conflict() {
    for host in ["globex.ouvira.test", "nobody.ouvira.test", "www.globex.example"] {
        let answer = send(at(host).insert_header(("X-Tenant", "acme"))).await;
        assert_eq!(answer.problem(), (400, "tenant_conflict".to_owned()), "{host}");
    }
}

#[actix_web::test]
async fn a_request_without_a_tenant_is_refused_unless_there_is_a_default() {
    for host in ["localhost:8080", "api.ouvira.test", "ouvira.test", "127.0.0.1", "other.example"] {
        assert_eq!(send(at(host)).await.problem(), (400, "tenant_required".to_owned()), "{host}");
        let single = Setup { default_tenant: Some("acme"), ..Setup::default() };
        assert_eq!(send_to(&single, at(host)).await.json()["tenant"], json!(ACME));
    }
}

#[actix_web::test]
async fn a_tenant_that_is_not_there_is_not_found() {
    for slug in ["nobody", "ACME", "acme.ouvira.test", "%00"] {
        assert_eq!(send(named(slug)).await.problem(), (404, "tenant_not_found".to_owned()), "{slug}");
    }
    assert_eq!(send(at("nobody.ouvira.test")).await.problem(), (404, "tenant_not_found".to_owned()));
}

#[actix_web::test]
async fn repeated_listed_and_broken_names_are_malformed() {
    let requests = [
        named("acme").append_header(("X-Tenant", "acme")),
        named("acme, globex"),
        named(""),
        get("/anonymous").insert_header(("X-Tenant", "acm\u{e9}".as_bytes())),
        at("acme.ouvira.test").append_header(("Host", "globex.ouvira.test")),
    ];
    for request in requests {
        assert_eq!(send(request).await.problem(), (400, "invalid_header".to_owned()));
    }
}

#[actix_web::test]
async fn a_suspended_tenant_is_refused_until_it_is_resumed() {
    assert_eq!(send(named("initech")).await.problem(), (403, "tenant_suspended".to_owned()));
    let resumed = Setup { resumed: true, ..Setup::default() };
    assert_eq!(send_to(&resumed, named("initech")).await.json()["tenant"], json!(INITECH));
}

#[actix_web::test]
async fn a_catalog_that_cannot_be_asked_is_not_a_missing_tenant() {
    let answer = send(named("unreachable")).await;
    assert_eq!(answer.problem(), (503, "service_unavailable".to_owned()));
    assert!(!answer.json().to_string().contains("10.1.2.3"));
}

#[actix_web::test]
async fn the_tenant_is_asked_for_before_the_token() {
    assert_eq!(send(get("/signed-in")).await.problem(), (400, "tenant_required".to_owned()));
}
