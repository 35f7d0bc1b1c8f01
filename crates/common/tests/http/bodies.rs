use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::support::{Answer, Running, Setup, get_as_ada, post_as_ada, send};

async fn post(body: &str) -> Answer {
    send(post_as_ada("/things", body.to_owned())).await
}

async fn refused_fields(body: Value) -> (u16, String, Vec<(String, String)>) {
    let answer = post(&body.to_string()).await;
    let (status, code) = answer.problem();
    (status, code, answer.fields())
}

fn fields(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
}

#[actix_web::test]
async fn a_whole_body_is_taken() {
    let answer = post(r#"{"name": "x", "size": 255, "kind": {"coloured": {"red": 1}}, "parts": [{"a/b": "y"}], "weight": 1}"#).await;
    assert_eq!(answer.status, 201, "{answer:?}");
}

#[actix_web::test]
async fn what_is_no_strict_json_is_malformed() {
    let deep = format!(r#"{{"name": {}1{}}}"#, "[".repeat(64), "]".repeat(64));
    let bodies = [
        "",
        " ",
        "{",
        "nul",
        "{} {}",
        "{'name': 1}",
        r#"{"name": "x",}"#,
        "\u{feff}{}",
        r#"{"name": "\ud800"}"#,
        r#"{"name": "a	b"}"#,
        r#"{"name": "x", "name": "y"}"#,
        r#"{"name": "x", "parts": [{"q": {"r": 1, "r": 2}}]}"#,
        r#"{"size": 1e999}"#,
        "NaN",
        "[1,]",
        &deep,
    ];
    for body in bodies {
        assert_eq!(post(body).await.problem(), (400, "malformed_json".to_owned()), "{body}");
    }
    let latin1 = post_as_ada("/things", &b"{\"name\": \"\xe9\"}"[..]);
    assert_eq!(send(latin1).await.problem(), (400, "malformed_json".to_owned()));
}

#[actix_web::test]
async fn it_says_where_the_json_ends_and_which_member_is_there_twice() {
    assert_eq!(post("{\n  oops}").await.json()["detail"], "Not JSON at line 2, column 3");
    let twice = post(r#"{"name": "x", "name": "y"}"#).await;
    assert_eq!(twice.json()["detail"], "The member \"name\" is there twice");
}

#[actix_web::test]
async fn sixty_four_levels_are_not_too_deep() {
    let deep = format!(r#"{{"name": {}1{}}}"#, "[".repeat(63), "]".repeat(63));
    assert_eq!(post(&deep).await.problem(), (422, "validation_failed".to_owned()));
}

#[actix_web::test]
async fn wrong_shapes_are_told_with_their_place() {
    let cases = [
        (json!([]), "", "invalid_type"),
        (json!(null), "", "invalid_type"),
        (json!("x"), "", "invalid_type"),
        (json!({}), "/name", "required"),
        (json!({"name": null}), "/name", "invalid_type"),
        (json!({"name": 1}), "/name", "invalid_type"),
        (json!({"name": "x\u{0}"}), "/name", "control_characters"),
        (json!({"name": "x", "size": "1"}), "/size", "invalid_type"),
        (json!({"name": "x", "size": 1.5}), "/size", "invalid_type"),
        (json!({"name": "x", "size": 256}), "/size", "out_of_range"),
        (json!({"name": "x", "size": -1}), "/size", "out_of_range"),
        (json!({"name": "x", "kind": "odd"}), "/kind", "invalid_choice"),
        (json!({"name": "x", "kind": 7}), "/kind", "invalid_type"),
        (json!({"name": "x", "kind": {"coloured": {"red": "much"}}}), "/kind/coloured/red", "invalid_type"),
        (json!({"name": "x", "kind": {"coloured": {}}}), "/kind/coloured/red", "required"),
        (json!({"name": "x", "kind": "coloured"}), "/kind", "invalid_type"),
        (json!({"name": "x", "kind": {"plain": 1}}), "/kind", "invalid_type"),
        (json!({"name": "x", "parts": {}}), "/parts", "invalid_type"),
        (json!({"name": "x", "parts": [{"a/b": "y"}, {"a/b": 7}]}), "/parts/1/a~1b", "invalid_type"),
        (json!({"name": "x", "parts": [["y"]]}), "/parts/0", "invalid_type"),
        (json!({"name": "x", "owner": "me"}), "/owner", "invalid_format"),
        (json!({"name": "x", "weight": true}), "/weight", "invalid_type"),
    ];
    for (body, pointer, code) in cases {
        let refused = refused_fields(body.clone()).await;
        assert_eq!(refused, (422, "validation_failed".to_owned(), fields(&[(pointer, code)])), "{body}");
    }
}

#[actix_web::test]
async fn a_number_out_of_range_is_told_the_range() {
    let answer = post(r#"{"name": "x", "size": 300}"#).await;
    let error = &answer.json()["errors"][0];
    assert_eq!(error["params"], json!({"min": 0, "max": 255}));
    assert_eq!(error["message"], "Between 0 and 255");
    assert_eq!(answer.json()["detail"], "/size: Between 0 and 255");
}

#[actix_web::test]
async fn unknown_members_are_all_named() {
    let body = json!({"name": "x", "nmae": 1, "a~b/c": null, "parts": [{"a/b": "y", "z": []}], "kind": {"coloured": {"red": 1, "x": 2}}});
    let unknown =
        ["/a~0b~1c", "/kind/coloured/x", "/nmae", "/parts/0/z"].map(|pointer| (pointer, "unknown_field"));
    // In the order of the body, which depends on how the test's own JSON is built.
    let (status, code, mut named) = refused_fields(body).await;
    named.sort_unstable();
    assert_eq!((status, code, named), (422, "unknown_field".to_owned(), fields(&unknown)));
}

#[actix_web::test]
async fn an_unknown_and_a_missing_member_are_told_together() {
    let told = fields(&[("/nmae", "unknown_field"), ("/name", "required")]);
    assert_eq!(refused_fields(json!({"nmae": "x"})).await, (422, "unknown_field".to_owned(), told));
}

#[actix_web::test]
async fn names_of_many_or_long_unknown_members_are_cut() {
    let many: serde_json::Map<_, _> =
        (0..500).map(|n| (format!("{n}{}", "é".repeat(300)), json!(1))).collect();
    let answer = post(&Value::from(many).to_string()).await;
    assert_eq!(answer.problem(), (422, "unknown_field".to_owned()));
    assert!(answer.bytes.len() < 64 * 1024, "{}", answer.bytes.len());
}

#[actix_web::test]
async fn what_was_read_can_be_sent_back() {
    let read = post(r#"{"name": "x", "id": "7", "version": {"any": "thing"}}"#).await;
    assert_eq!(read.status, 201);
    let nested = json!({"name": "x", "parts": [{"a/b": "y", "id": 1}]});
    assert_eq!(refused_fields(nested).await.1, "unknown_field");
}

#[actix_web::test]
async fn other_media_types_are_not_taken() {
    let types = [
        "text/plain",
        "application/xml",
        "text/json",
        "application/merge-patch+json",
        "application/json-patch+json",
        "application/json; charset=latin1",
        "nonsense",
        "application/x-www-form-urlencoded",
    ];
    for media_type in types {
        let answer =
            send(post_as_ada("/things", r#"{"name": "x"}"#).insert_header(("Content-Type", media_type)))
                .await;
        assert_eq!(answer.problem(), (415, "unsupported_media_type".to_owned()), "{media_type}");
    }
    for media_type in ["application/json", "APPLICATION/JSON; Charset=UTF-8", "application/vnd.ouvira+json"] {
        let answer =
            send(post_as_ada("/things", r#"{"name": "x"}"#).insert_header(("Content-Type", media_type)))
                .await;
        assert_eq!(answer.status, 201, "{media_type}");
    }
    let bare = TestRequest::post()
        .uri("/api/v1/things")
        .insert_header(("X-Tenant", "acme"))
        .insert_header(("Authorization", "Bearer ada"));
    assert_eq!(send(bare.set_payload(r#"{"name": "x"}"#)).await.problem().0, 415);
}

#[actix_web::test]
async fn compressed_bodies_are_not_taken() {
    let answer =
        send(post_as_ada("/things", r#"{"name": "x"}"#).insert_header(("Content-Encoding", "gzip"))).await;
    assert_eq!(answer.problem(), (415, "unsupported_media_type".to_owned()));
    let answer =
        send(post_as_ada("/things", r#"{"name": "x"}"#).insert_header(("Content-Encoding", "identity")))
            .await;
    assert_eq!(answer.status, 201);
}

#[actix_web::test]
async fn a_mebibyte_is_the_limit() {
    let body = |length: usize| format!(r#"{{"name": "{}"}}"#, "x".repeat(length - 12));
    assert_eq!(body(100).len(), 100);
    assert_eq!(post(&body(1024 * 1024)).await.status, 201);
    let answer = post(&body(1024 * 1024 + 1)).await;
    assert_eq!(answer.problem(), (413, "body_too_large".to_owned()));
    let announced = post_as_ada("/things", "{}").insert_header(("Content-Length", "99999999"));
    assert_eq!(send(announced).await.problem(), (413, "body_too_large".to_owned()));
}

#[actix_web::test]
async fn the_body_of_a_stranger_is_not_read() {
    let service = Running::start(Setup::default()).await;
    let forged = post_as_ada("/things", "{}").insert_header(("Authorization", "Bearer forged"));
    assert_eq!(service.send_without_body(forged).await.problem().0, 401);
}

#[actix_web::test]
async fn strangers_are_asked_who_they_are_before_what_they_sent() {
    let thing = "/api/v1/things/no-uuid?x=1";
    let requests = [
        post_as_ada("/things", "{").insert_header(("Authorization", "Bearer forged")),
        get_as_ada("/numbers?limit=many").insert_header(("Authorization", "Bearer forged")),
        TestRequest::put().uri(thing).insert_header(("X-Tenant", "acme")).insert_header(("If-Match", "7")),
    ];
    for request in requests {
        assert_eq!(send(request).await.problem().0, 401);
    }
}

async fn patch(body: &str, media_type: &str) -> Answer {
    let uri = "/api/v1/things/00000000-0000-0000-0000-000000000007";
    let request = TestRequest::patch()
        .uri(uri)
        .insert_header(("X-Tenant", "acme"))
        .insert_header(("Authorization", "Bearer ada"));
    send(request.insert_header(("Content-Type", media_type)).set_payload(body.to_owned())).await
}

#[actix_web::test]
async fn a_merge_patch_tells_null_from_absent() {
    for media_type in ["application/merge-patch+json", "application/json"] {
        let patched = async |body: &str| {
            let view = patch(body, media_type).await.json();
            (view["name"].clone(), view["size"].clone())
        };
        assert_eq!(patched("{}").await, (json!("old"), json!(5)));
        assert_eq!(patched(r#"{"size": null, "id": 9}"#).await, (json!("old"), json!(null)));
        assert_eq!(patched(r#"{"name": "new", "size": 6}"#).await, (json!("new"), json!(6)));
        assert_eq!(patched(r#"{"name": null}"#).await, (json!(""), json!(5)));
    }
}

#[actix_web::test]
async fn a_merge_patch_is_as_strict_as_a_body() {
    let answer = patch(r#"{"size": "6"}"#, "application/json").await;
    assert_eq!(
        (answer.problem().1, answer.fields()),
        ("validation_failed".to_owned(), fields(&[("/size", "invalid_type")]))
    );
    assert_eq!(patch(r#"{"siez": 6}"#, "application/json").await.problem().1, "unknown_field");
    assert_eq!(patch("{}", "application/json-patch+json").await.problem().0, 415);
    assert_eq!(patch("[]", "application/json").await.problem().0, 422);
}

#[actix_web::test]
async fn a_get_needs_no_body() {
    assert_eq!(send(get_as_ada("/signed-in")).await.status, 200);
}
