//! What the service tells of itself: metrics on an address of their own, traces to a collector, log lines.

use std::{
    net::TcpListener,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    sync::mpsc,
};

use crate::service::Service;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// A collector that speaks OTLP over HTTP: its address, and each request's head and body.
async fn collector() -> (String, mpsc::UnboundedReceiver<(String, Value)>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (taken, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let taken = taken.clone();
            tokio::spawn(async move {
                let mut bytes = Vec::new();
                loop {
                    let mut more = vec![0; 65_536];
                    let length = stream.read(&mut more).await.unwrap_or(0);
                    if length == 0 {
                        return;
                    }
                    bytes.extend_from_slice(&more[..length]);
                    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
                    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
                    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                    let body_end = end + 4 + length.unwrap().parse::<usize>().unwrap();
                    if bytes.len() >= body_end {
                        let body = serde_json::from_slice(&bytes[end + 4..body_end]).unwrap();
                        let _ = taken.send((head, body));
                        bytes.drain(..body_end);
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
                        stream.write_all(answer).await.unwrap();
                    }
                }
            });
        }
    });
    (address, received)
}

fn attribute<'s>(span: &'s Value, key: &str) -> &'s Value {
    let attributes = span["attributes"].as_array().unwrap().iter();
    attributes.clone().find(|attribute| attribute["key"] == key).map_or(&Value::Null, |found| &found["value"])
}

async fn metrics(address: &str) -> String {
    reqwest::get(format!("http://{address}/metrics")).await.unwrap().text().await.unwrap()
}

/// The value of the line that has all of these words.
fn value(page: &str, words: &[&str]) -> Option<f64> {
    let mut values = page.lines().filter(|line| !line.starts_with('#'));
    let line = values.find(|line| words.iter().all(|word| line.contains(word)))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[tokio::test]
async fn requests_are_counted_traced_and_logged() {
    let (endpoint, mut received) = collector().await;
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let service = Arc::new(
        Service::start(&[
            ("METRICS_ADDRESS", &address),
            ("LOG_FORMAT", "json"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer of-the-collector"),
            ("OTEL_SERVICE_NAME", "ouvira-test"),
            // Every statement is slow.
            ("SLOW_QUERY_MS", "1"),
            ("RUST_LOG", "info"),
        ])
        .await,
    );
    let tenant = service.tenant("schema");
    let owner = tenant.owner().await;
    let company = owner.post("/company", json!({"name": "Personal Data Ltd"})).await.expect(201);
    let path = format!("/company/{}", company["id"].as_str().unwrap());
    let traced = owner
        .request("GET", &path)
        .header("traceparent", format!("00-{TRACE}-{PARENT}-01"))
        .header("X-Request-Id", "request-of-the-test");
    service.send(traced).await.expect(200);
    let unrecorded = owner
        .request("GET", &path)
        .header("traceparent", format!("00-{}-{PARENT}-00", TRACE.replace('4', "5")));
    service.send(unrecorded).await.expect(200);
    owner.get("/company/7").await.problem(404);
    owner.get("/nowhere").await.problem(404);
    owner.post("/company", json!({"name": ""})).await.problem(422);

    let telling = [tenant.slug.as_str(), company["id"].as_str().unwrap(), "Personal", "127.0.0.1", "nowhere"];
    counted(&metrics(&address).await, &telling);
    assert_eq!(service.send(service.request("GET", "/api/../metrics")).await.status, 404);
    let tenant = tenant.made["id"].as_str().unwrap();
    traced_on(&mut received, tenant).await;
    logged(&service.log(), tenant);
}

/// Metrics: bounded words, nothing of the caller's.
fn counted(page: &str, telling: &[&str]) {
    let reads = ["ouvira_http_requests_total", "route=\"/api/v1/company/{id}\"", "method=\"GET\""];
    let of_schema = "placement=\"schema\"";
    assert_eq!(value(page, &[&reads[..], &[of_schema, "outcome=\"success\""]].concat()), Some(2.0), "{page}");
    assert_eq!(value(page, &[&reads[..], &[of_schema, "outcome=\"refused\""]].concat()), Some(1.0), "{page}");
    let writes = ["route=\"/api/v1/company\"", "method=\"POST\"", of_schema];
    let counted = value(page, &[&["ouvira_http_request_duration_seconds_count"], &writes[..]].concat());
    assert_eq!(counted, Some(2.0), "{page}");
    let statements = value(page, &[&["ouvira_http_database_statements_total"], &writes[..]].concat());
    assert!(statements > Some(3.0), "{page}");
    assert_eq!(value(page, &["route=\"none\"", "outcome=\"refused\""]), Some(1.0), "{page}");
    for name in [
        "ouvira_database_connections{pool=\"common\",state=\"idle\"}",
        "ouvira_database_waiting{pool=\"own\"}",
        "ouvira_outbox_events{database=\"common\",state=\"dead\"}",
        "ouvira_outbox_oldest_seconds{database=\"common\"}",
        "ouvira_rights_lookups_total{result=\"loaded\"}",
        "process_resident_memory_bytes",
    ] {
        assert!(page.lines().any(|line| line.starts_with(name)), "{name} is not in\n{page}");
    }
    for personal in telling {
        assert!(!page.contains(personal), "{personal} in\n{page}");
    }
}

/// The caller's trace goes on at the collector; a trace that is not to be recorded is not.
async fn traced_on(received: &mut mpsc::UnboundedReceiver<(String, Value)>, tenant: &str) {
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut spans: Vec<Value> = Vec::new();
    let is_ours = |span: &Value| span["traceId"] == TRACE;
    while !spans.iter().any(is_ours) {
        let wait = deadline.saturating_duration_since(Instant::now());
        let (head, message) =
            tokio::time::timeout(wait, received.recv()).await.expect("a span arrives").unwrap();
        assert!(head.starts_with("post /v1/traces "), "{head}");
        assert!(head.contains("authorization: bearer of-the-collector"), "{head}");
        let resource = &message["resourceSpans"][0];
        assert_eq!(attribute(&resource["resource"], "service.name")["stringValue"], "ouvira-test");
        spans.extend(resource["scopeSpans"][0]["spans"].as_array().unwrap().iter().cloned());
    }
    let span = spans.iter().find(|span| is_ours(span)).unwrap();
    assert_eq!(span["parentSpanId"], PARENT);
    assert_eq!(span["name"], "GET /api/v1/company/{id}");
    assert_eq!(span["kind"], 2);
    assert_eq!(attribute(span, "http.response.status_code")["intValue"], "200");
    assert_eq!(attribute(span, "ouvira.request_id")["stringValue"], "request-of-the-test");
    assert_eq!(attribute(span, "ouvira.tenant.id")["stringValue"], tenant);
    let time = |name: &str| span[name].as_str().unwrap().parse::<u64>().unwrap();
    assert!(time("startTimeUnixNano") < time("endTimeUnixNano"), "{span}");
    assert!(!spans.iter().any(|span| span["traceId"] == TRACE.replace('4', "5")), "{spans:?}");
    assert!(!json!(spans).to_string().contains("Personal"), "{spans:?}");
}

/// Log lines: objects, with request, tenant and trace; nothing personal.
fn logged(log: &str, tenant: &str) {
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let ours = |line: &&Value| line["span"]["request_id"] == "request-of-the-test";
    let finished = lines.iter().filter(ours).find(|line| line["message"] == "request finished").unwrap();
    assert_eq!(finished["span"]["trace_id"], TRACE);
    assert_eq!(finished["span"]["tenant"], tenant);
    assert_eq!(finished["span"]["route"], "/api/v1/company/{id}");
    assert_eq!(finished["status"], 200);
    assert!(
        finished["queries"].as_u64() >= Some(2) && finished["query_milliseconds"].is_number(),
        "{finished}"
    );
    let slow = lines
        .iter()
        .find(|line| line["message"] == "slow query")
        .expect("some statement takes a millisecond");
    assert!(slow["statement"].is_string() && slow["milliseconds"].as_f64() >= Some(1.0), "{slow}");
    assert!(
        lines.iter().any(|line| line["message"] == "slow query" && line["span"]["route"].is_string()),
        "no slow query names its route"
    );
    for personal in ["Personal Data", "owner@example.com", "engine analytical"] {
        assert!(!log.contains(personal), "{personal}");
    }
}

#[tokio::test]
async fn a_collector_that_is_away_costs_no_request() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let service = Service::start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://{closed}")),
        ("METRICS_ADDRESS", &address),
    ])
    .await;
    for _ in 0..20 {
        service.send(service.request("GET", "/timezone")).await.expect(200);
    }
    let deadline = Instant::now() + Duration::from_secs(20);
    while value(&metrics(&address).await, &["ouvira_spans_dropped_total "]).unwrap_or_default() < 20.0 {
        assert!(Instant::now() < deadline, "{}", service.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(service.log().contains("the collector of traces does not take them"), "{}", service.log());
}

/// `DEBUG` tells why, on a developer's machine; without it nobody is told.
#[tokio::test]
async fn debug_tells_of_our_own_errors() {
    for (debug, told) in [("true", true), ("false", false)] {
        let service = Arc::new(Service::start(&[("DEBUG", debug)]).await);
        let tenant = service.tenant("schema");
        let owner = tenant.owner().await;
        let schema = format!("t_{}", tenant.made["id"].as_str().unwrap().replace('-', ""));
        service.owner_sql(&format!("DROP TABLE {schema}.companies CASCADE")).await;
        let answer = owner.get("/company").await;
        assert_eq!(answer.body["detail"].as_str().unwrap().contains("companies"), told, "{}", answer.body);
        assert_eq!(answer.problem(500), "internal_error");
    }
}
