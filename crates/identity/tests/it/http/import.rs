use actix_web::http::Method;
use serde_json::json;

use crate::support::World;

const CSV: &str = "text/csv; charset=utf-8";

#[actix_web::test]
async fn a_file_is_imported_and_reported_in_the_callers_language() {
    let world = World::new().await;
    let admin = world.admin().await;
    let call = world.call(&admin, Method::POST, "/account/users/import").header("Accept-Language", "fr");
    let report = call.bytes(CSV, "email\ngrace@example.com\n\nnobody\n").send().await;
    assert_eq!((report.status, report.header("content-type")), (200, "application/json"), "{report:?}");
    let expected = json!({
        "created": 1, "updated": 0, "failed": 1,
        "lines": [
            {"line": 2, "status": "created", "errors": []},
            {"line": 4, "status": "failed", "errors": [{
                "pointer": "/email", "code": "invalid_email", "message": "Ce n'est pas une adresse e-mail", "params": {},
            }]},
        ],
    });
    assert_eq!(report.body, expected);
}

#[actix_web::test]
async fn a_dry_run_writes_nothing() {
    let world = World::new().await;
    let admin = world.admin().await;
    let import = |query: &str| {
        let path = format!("/account/users/import{query}");
        let line = "{\"email\": \"grace@example.com\"}";
        world.call(&admin, Method::POST, &path).bytes("application/x-ndjson", line)
    };
    assert_eq!(import("?dry_run=true").send().await.body["created"], 1);
    assert_eq!(import("?dry_run=false").send().await.body["created"], 1);
    assert_eq!(import("").send().await.body["updated"], 1);
    assert_eq!(import("?dry_run=perhaps").send().await.problem(), (400, "invalid_parameter"));
}

#[actix_web::test]
async fn a_long_report_is_whole() {
    let world = World::new().await;
    let admin = world.admin().await;
    let file = "nonsense\n".repeat(1001);
    let call = world.call(&admin, Method::POST, "/account/users/import?dry_run=true");
    let report = call.bytes("application/x-ndjson", file).send().await;
    assert_eq!(report.body["lines"].as_array().map(Vec::len), Some(1001));
}

#[actix_web::test]
async fn what_is_no_file_of_users_is_refused() {
    let world = World::new().await;
    let admin = world.admin().await;
    let import = |media_type: &str, body: &'static str| {
        world.call(&admin, Method::POST, "/account/users/import").bytes(media_type, body)
    };
    for media_type in ["application/json", "text/plain", "text/csv; charset=latin1", "nonsense"] {
        let refused = import(media_type, "email\n").send().await;
        assert_eq!(refused.problem(), (415, "unsupported_media_type"), "{media_type}");
    }
    let encoded = import(CSV, "email\n").header("Content-Encoding", "gzip").send().await;
    assert_eq!(encoded.problem(), (415, "unsupported_media_type"));
    let large = import(CSV, "email\n").header("Content-Length", "67108865").send().await;
    assert_eq!(large.problem(), (413, "body_too_large"));
    let header = import(CSV, "name\nAda\n").send().await;
    assert_eq!(
        (header.problem(), header.first_error()),
        ((422, "unknown_field"), ("/name", "unknown_field"))
    );
    let nobody = world.call(&admin, Method::POST, "/account/users/import").with(world.users_who_may(&[]));
    assert_eq!(nobody.bytes(CSV, "email\n").send().await.problem(), (403, "permission_denied"));
    assert_eq!(world.audit.actions(), Vec::<&str>::new());
    assert_eq!(header.body["errors"].as_array().map(Vec::len), Some(2));
}
