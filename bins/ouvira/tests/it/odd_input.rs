//! What nobody sends by mistake, to every operation of the document: a problem document each time, never a 500, never a
//! panic.

use std::{collections::BTreeMap, sync::Arc};

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::service::{Answer, Service};

/// Ends what the caller goes on with, or never ends itself.
const LEFT_OUT: [&str; 5] =
    ["logout", "end_other_sessions", "end_session", "stream_notifications", "logout_operator"];

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

struct Operation {
    method: String,
    path: String,
    /// The members of its body, by name.
    members: Vec<String>,
    has_body: bool,
}

async fn operations(service: &Service) -> Vec<Operation> {
    let document = service.send(service.request("GET", "/api/openapi.json")).await.expect(200);
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(id) = operation["operationId"].as_str() else { continue };
            if LEFT_OUT.contains(&id) {
                continue;
            }
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let reference = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
            let schema = reference.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema);
            let members = schema["properties"].as_object().into_iter().flat_map(|members| members.keys());
            operations.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                members: members.cloned().collect(),
                has_body: operation["requestBody"].is_object(),
            });
        }
    }
    assert!(operations.len() > 100, "{}", operations.len());
    operations
}

/// Bodies that no operation is made for.
fn odd_bodies(operation: &Operation) -> Vec<Vec<u8>> {
    let text = |text: &str| text.as_bytes().to_vec();
    let mut bodies = vec![
        text(&"[".repeat(100_000)),
        text(&format!("{}1{}", "{\"a\":".repeat(50_000), "}".repeat(50_000))),
        text(&format!("{{\"x\": \"{}\"}}", "x".repeat(2 << 20))),
        b"\xff\xfe\x00".to_vec(),
        text("{\"\\ud800\": \"\\ud800\"}"),
        text("{\"a\": 1e999999}"),
        text("null"),
        text("[]"),
        text("\"text\""),
        text("-0"),
        text("{\"\\u0000\": null}"),
    ];
    let wrong: [Value; 10] = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e308),
        json!(18_446_744_073_709_551_615_u64),
        json!([]),
        json!([[null]]),
        json!({"$ref": 7}),
        json!("a\u{0}b"),
        json!("\u{202e}\u{feff}'; DROP TABLE users; --".repeat(50)),
    ];
    for value in wrong {
        let all: BTreeMap<&str, &Value> =
            operation.members.iter().map(|member| (member.as_str(), &value)).collect();
        bodies.push(serde_json::to_vec(&all).unwrap());
    }
    bodies.push(text(&format!(
        "{{{}}}",
        operation
            .members
            .iter()
            .map(|member| format!("\"{member}\": \"\\ud800\""))
            .collect::<Vec<_>>()
            .join(",")
    )));
    bodies
}

fn path(operation: &Operation, id: &str) -> String {
    let mut path = operation.path.clone();
    while let Some((start, end)) = path.find('{').zip(path.find('}')) {
        path.replace_range(start..=end, id);
    }
    path
}

#[tokio::test]
async fn every_operation_takes_odd_input_for_what_it_is() {
    let service = Arc::new(Service::start(&[]).await);
    let tenant = service.tenant("shared");
    let owner = tenant.owner().await;
    let mut asked = 0;
    for operation in operations(&service).await {
        let here = path(&operation, ID);
        let request = |path: &str| owner.request(&operation.method, path);
        let mut requests: Vec<(String, RequestBuilder)> = Vec::new();
        if operation.has_body {
            for body in odd_bodies(&operation) {
                let shown = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
                requests.push((shown, request(&here).header("content-type", "application/json").body(body)));
            }
            for media_type in
                ["text/plain", "application/json; charset=utf-16", "multipart/form-data", "text/csv"]
            {
                let odd = request(&here).header("content-type", media_type).body("\u{0},\u{0}\n\"");
                requests.push((media_type.to_owned(), odd));
            }
        }
        for query in [
            "%00=%00",
            "limit=99999999999999999999",
            "limit=-1",
            "cursor=%ff%fe",
            "a=1&a=2&a[]=3",
            "sort=%0a",
        ] {
            requests.push((query.to_owned(), request(&format!("{here}?{query}"))));
        }
        requests.push(("10 kB of query".to_owned(), request(&format!("{here}?x={}", "y".repeat(10_000)))));
        if operation.path.contains('{') {
            for id in ["%00", "%ff", "..%2f..", "-1", "%F0%9F%A6%80", &"9".repeat(5_000)] {
                requests.push((id.to_owned(), request(&path(&operation, id))));
            }
        }
        // With a query that nobody knows, so that nothing happens by accident.
        let nothing = format!("{here}?unknown=1");
        for (name, value) in [
            ("if-match", "W/\"\u{7f}"),
            ("accept-language", "xx;q=9,*;q=-1"),
            ("idempotency-key", "\u{1}"),
            ("accept", "////"),
            ("cookie", "__Host-ouvira_session=\u{80}"),
            ("range", "bytes=9-1"),
            ("content-encoding", "gzip"),
            ("x-forwarded-for", "999.999.999.999"),
            ("traceparent", "00-zz"),
        ] {
            let value = reqwest::header::HeaderValue::from_bytes(value.as_bytes());
            let Ok(value) = value else { continue };
            requests.push((name.to_owned(), request(&nothing).header(name, value)));
        }
        requests
            .push(("10 kB of a header".to_owned(), request(&nothing).header("x-odd", "x".repeat(10_000))));
        for (what, request) in requests {
            asked += 1;
            let what: String = what.chars().take(80).collect();
            let what = format!("{} {}: {what}", operation.method, operation.path);
            check(request, &what).await;
        }
    }
    assert!(asked > 3_000, "{asked}");
    let log = service.log();
    assert!(
        !log.contains("panicked"),
        "{}",
        log.lines().find(|line| line.contains("panicked")).unwrap_or_default()
    );
    // It still works, and nobody was signed out by all that.
    owner.get("/me").await.expect(200);
}

async fn check(request: RequestBuilder, what: &str) {
    // A body that is refused before it was read to its end may cost the connection: then there is no answer to look at.
    let Ok(answer) = request.send().await else { return };
    let (status, headers) = (answer.status(), answer.headers().clone());
    let Ok(body) = answer.bytes().await else { return };
    let body = serde_json::from_slice(&body)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned()));
    let answer = Answer { status, headers, body };
    assert!(!answer.status.is_server_error(), "{what}: {} {}", answer.status, answer.body);
    // What fails below the router is a bare 400 or 431.
    if answer.status.is_client_error() && answer.status.as_u16() != 431 && answer.body != json!("") {
        let code = answer.status.as_u16();
        assert!(answer.body["code"].is_string(), "{what}: {code} {}", answer.body);
        answer.problem(code);
    }
}
