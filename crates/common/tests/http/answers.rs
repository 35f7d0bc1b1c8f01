use actix_web::test::TestRequest;
use serde_json::json;

use crate::support::{get_as_ada, post_as_ada, send};

const THING: &str = "/api/v1/things/00000000-0000-0000-0000-000000000007";

fn put(if_match: Option<&'static str>) -> TestRequest {
    let request = TestRequest::put()
        .uri(THING)
        .insert_header(("X-Tenant", "acme"))
        .insert_header(("Authorization", "Bearer ada"));
    let request = request.insert_header(("Content-Type", "application/json")).set_payload(r#"{"name": "x"}"#);
    if_match.into_iter().fold(request, |request, value| request.append_header(("If-Match", value)))
}

#[actix_web::test]
async fn what_was_created_is_told_with_its_place_and_version() {
    let answer = send(post_as_ada("/things", r#"{"name": "x"}"#)).await;
    assert_eq!((answer.status, answer.header("location")), (201, THING.to_owned()));
    assert_eq!(answer.header("etag"), "\"1\"");
    assert_eq!(answer.header("content-type"), "application/json");
    let id = "00000000-0000-0000-0000-000000000007";
    assert_eq!(answer.json(), json!({"id": id, "name": "x", "size": null, "version": 1}));
}

#[actix_web::test]
async fn work_that_goes_on_is_accepted_and_done_work_has_no_body() {
    let parts = post_as_ada(
        "/things/00000000-0000-0000-0000-000000000007/parts/00000000-0000-0000-0000-000000000008/archive",
        "",
    );
    let answer = send(parts).await;
    assert_eq!(answer.status, 202);
    assert_eq!(
        answer.json(),
        json!(["00000000-0000-0000-0000-000000000007", "00000000-0000-0000-0000-000000000008"])
    );
    let delete = TestRequest::delete()
        .uri(THING)
        .insert_header(("X-Tenant", "acme"))
        .insert_header(("Authorization", "Bearer ada"));
    let answer = send(delete).await;
    assert_eq!((answer.status, answer.bytes.len()), (204, 0));
    assert_eq!(answer.header("content-type"), "");
}

#[actix_web::test]
async fn if_match_names_a_version_or_any() {
    assert_eq!(send(put(Some("\"5\""))).await.header("etag"), "\"6\"");
    assert_eq!(send(put(Some("*"))).await.header("etag"), "\"2\"");
    assert_eq!(send(put(None)).await.header("etag"), "\"2\"");
}

#[actix_web::test]
async fn other_entity_tags_are_malformed() {
    for value in [
        "5",
        "W/\"5\"",
        "\"five\"",
        "\"\"",
        "\"-5\"",
        "\"+5\"",
        "\"5\", \"6\"",
        "",
        "\"99999999999999999999\"",
    ] {
        assert_eq!(send(put(Some(value))).await.problem(), (400, "invalid_header".to_owned()), "{value}");
    }
    let twice = put(Some("\"5\"")).append_header(("If-Match", "\"5\""));
    assert_eq!(send(twice).await.problem(), (400, "invalid_header".to_owned()));
}

#[actix_web::test]
async fn answers_of_the_api_are_not_stored() {
    for request in [get_as_ada("/signed-in"), get_as_ada("/nowhere"), post_as_ada("/things", "{")] {
        assert_eq!(send(request).await.header("cache-control"), "no-store");
    }
    assert_eq!(send(TestRequest::get().uri("/openapi.json")).await.header("cache-control"), "");
}
