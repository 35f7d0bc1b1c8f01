use actix_web::{HttpServer, test::TestRequest};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{Setup, get, get_as_ada, post_as_ada, send, service};

#[actix_web::test]
async fn an_unknown_path_and_a_wrong_method_are_problems() {
    assert_eq!(send(TestRequest::get().uri("/nowhere?x=1")).await.problem(), (404, "not_found".to_owned()));
    let answer = send(TestRequest::delete().uri("/api/v1/things")).await;
    assert_eq!(answer.problem(), (405, "method_not_allowed".to_owned()));
    assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS, POST");
}

#[actix_web::test]
async fn the_document_names_the_path_without_the_query() {
    assert_eq!(send(TestRequest::get().uri("/no%20where?secret=1")).await.json()["instance"], "/no%20where");
}

#[actix_web::test]
async fn defects_are_told_without_their_cause() {
    for path in ["/breaks", "/panics"] {
        let answer = send(get(path)).await;
        assert_eq!(answer.problem(), (500, "internal_error".to_owned()), "{path}");
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("secret"), "{path}");
    }
}

#[actix_web::test]
async fn too_many_requests_say_when_to_come_back() {
    let answer = send(get("/busy")).await;
    assert_eq!(
        (answer.problem(), answer.header("retry-after")),
        ((429, "rate_limited".to_owned()), "30".to_owned())
    );
}

#[actix_web::test]
async fn an_error_of_somebody_else_keeps_its_status_only() {
    let answer = send(get("/teapot")).await;
    assert_eq!(answer.problem(), (418, "bad_request".to_owned()));
    assert!(!String::from_utf8_lossy(&answer.bytes).contains("stout"));
}

#[actix_web::test]
async fn what_goes_with_a_status_is_there_whoever_answered() {
    let answer = send(get("/foreign/401")).await;
    assert_eq!((answer.problem().0, answer.header("www-authenticate")), (401, "Bearer".to_owned()));
    let answer = send(get("/foreign/503")).await;
    assert_eq!((answer.problem().0, answer.header("retry-after")), (503, "1".to_owned()));
}

#[actix_web::test]
async fn people_are_told_in_their_language() {
    let told = async |languages: &'static str| {
        let request = post_as_ada("/things", r#"{"name": "x", "size": 300}"#)
            .insert_header(("Accept-Language", languages));
        let answer = send(request).await;
        let document = answer.json();
        assert_eq!(document["code"], "validation_failed");
        assert_eq!(document["errors"][0]["code"], "out_of_range");
        let texts = [&document["title"], &document["detail"], &document["errors"][0]["message"]];
        (answer.header("content-language"), texts.map(|text| text.as_str().unwrap().to_owned()))
    };
    let (language, texts) = told("fr-FR, en;q=0.5").await;
    assert_eq!(language, "fr");
    assert_eq!(texts, ["Certains champs ne sont pas valides", "/size: Entre 0 et 255", "Entre 0 et 255"]);
    let (language, texts) = told("de").await;
    assert_eq!(language, "de");
    assert_eq!(texts, ["Einige Felder sind ungültig", "/size: Zwischen 0 und 255", "Zwischen 0 und 255"]);
    assert_eq!(told("es").await.0, "en");
}

#[actix_web::test]
async fn a_document_has_all_its_members() {
    let document = send(get_as_ada("/nowhere")).await.json();
    let mut members: Vec<_> = document.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["code", "detail", "errors", "instance", "request_id", "status", "title", "type"]);
    assert_eq!(document["errors"], json!([]));
}

/// Sends `request` over a connection, and reads until the other side is done.
async fn exchange(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let length = stream.read(&mut chunk).await.unwrap();
        answer.extend_from_slice(&chunk[..length]);
        if length == 0 || answer.ends_with(b"}") {
            return String::from_utf8(answer).unwrap();
        }
    }
}

#[actix_web::test]
async fn a_panic_costs_nobody_but_its_own_request() {
    let server = HttpServer::new(|| service(&Setup::default())).workers(1).bind("127.0.0.1:0").unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);

    let mut stream = TcpStream::connect(address).await.unwrap();
    for _ in 0..3 {
        let answer = exchange(
            &mut stream,
            "GET /api/v1/panics HTTP/1.1\r\nHost: x\r\nX-Request-Id: my.request-7\r\n\r\n",
        )
        .await;
        assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
        assert!(answer.to_lowercase().contains("x-request-id: my.request-7"), "{answer}");
        assert!(answer.contains("application/problem+json"), "{answer}");
        let answer =
            exchange(&mut stream, "GET /api/v1/anonymous HTTP/1.1\r\nHost: x\r\nX-Tenant: acme\r\n\r\n")
                .await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
    handle.stop(true).await;
}
