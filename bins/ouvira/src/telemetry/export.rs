//! Traces to a collector: OTLP over HTTP, in JSON. Each request is a span; where the caller sent a `traceparent`, one of
//! the caller's trace.
//!
//! Requests leave theirs in a queue and go on. What a collector does not take in time is dropped and counted: a trace is
//! never worth a request.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use actix_web::http::{Method, StatusCode};
use chrono::TimeDelta;
use ouvira_common::{
    db::Reading,
    http::{Finished, TraceContext},
    id::TenantId,
    problem::Code,
    tenant::PlacementMode,
    time::{Clock as _, SystemClock, Timestamp},
};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, timeout_at},
};

use super::{Kind, Text};
use crate::config::TraceConfig;

/// Spans that may wait.
const WAITING: usize = 4096;
/// Most spans in one request to the collector.
const TOGETHER: usize = 512;
/// How long spans are gathered.
const GATHER: Duration = Duration::from_secs(2);
/// How long the collector may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// `SPAN_KIND_SERVER`.
const SERVER: u8 = 2;
/// `STATUS_CODE_ERROR`.
const ERROR: u8 = 2;

/// A finished request, as the queue holds it.
#[derive(Debug)]
struct Span {
    trace: TraceContext,
    request_id: String,
    route: Option<String>,
    method: Method,
    tenant: Option<(TenantId, PlacementMode)>,
    status: StatusCode,
    problem: Option<Code>,
    ended: Timestamp,
    took: Duration,
    database: Reading,
}

/// Sends spans to a collector. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Exporter {
    spans: mpsc::Sender<Span>,
    counts: Arc<Counts>,
    /// Of traces that begin here, those below this are recorded (as `parentbased_traceidratio`).
    threshold: u64,
}

#[derive(Debug, Default)]
struct Counts {
    exported: AtomicU64,
    dropped: AtomicU64,
}

impl Exporter {
    /// Starts to export as configured; what is returned ends when the last exporter is dropped and all is sent. Within a
    /// runtime.
    pub(crate) fn start(config: &TraceConfig) -> (Self, JoinHandle<()>) {
        let (spans, waiting) = mpsc::channel(WAITING);
        let counts = Arc::new(Counts::default());
        let collector = Collector::new(config);
        let task = tokio::spawn(run(collector, waiting, Arc::clone(&counts)));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "a share of all, from none to all"
        )]
        let threshold = (config.share * u64::MAX as f64) as u64;
        (Self { spans, counts, threshold }, task)
    }

    /// Takes what is known of a request, if its trace is recorded.
    pub(super) fn take(&self, finished: &Finished<'_>, route: Option<&str>) {
        #[expect(clippy::cast_possible_truncation, reason = "the random half of it")]
        let by_chance = || finished.trace.trace as u64 <= self.threshold;
        if !finished.trace.sampled.unwrap_or_else(by_chance) {
            return;
        }
        let Ok(place) = self.spans.try_reserve() else {
            self.counts.dropped.fetch_add(1, Relaxed);
            return;
        };
        place.send(Span {
            trace: finished.trace,
            request_id: finished.request_id.to_owned(),
            route: route.map(str::to_owned),
            method: finished.method.clone(),
            tenant: finished.tenant,
            status: finished.status,
            problem: finished.problem,
            ended: SystemClock.now(),
            took: finished.took,
            database: finished.database,
        });
    }

    /// Writes how many spans went, and how many did not.
    pub(super) fn write(&self, text: &mut Text) {
        let Counts { exported, dropped } = &*self.counts;
        text.single(
            "ouvira_spans_exported_total",
            Kind::Counter,
            "Spans that the collector took.",
            exported.load(Relaxed),
        );
        text.single(
            "ouvira_spans_dropped_total",
            Kind::Counter,
            "Spans that it did not take.",
            dropped.load(Relaxed),
        );
    }
}

async fn run(collector: Collector, mut waiting: mpsc::Receiver<Span>, counts: Arc<Counts>) {
    let mut failing = false;
    while let Some(first) = waiting.recv().await {
        let mut spans = vec![first];
        let until = Instant::now() + GATHER;
        while spans.len() < TOGETHER
            && let Ok(Some(span)) = timeout_at(until, waiting.recv()).await
        {
            spans.push(span);
        }
        let number = spans.len() as u64;
        match collector.send(&spans).await {
            Ok(()) => {
                failing = false;
                counts.exported.fetch_add(number, Relaxed);
            }
            Err(error) => {
                counts.dropped.fetch_add(number, Relaxed);
                if !std::mem::replace(&mut failing, true) {
                    tracing::warn!(error, "the collector of traces does not take them");
                }
            }
        }
    }
}

/// Where spans go.
struct Collector {
    http: reqwest::Client,
    address: String,
    service: String,
}

impl Collector {
    fn new(config: &TraceConfig) -> Self {
        let headers: HeaderMap = config.headers.clone();
        let http = reqwest::Client::builder().default_headers(headers).timeout(PATIENCE).build();
        Self {
            http: http.expect("a client with a time limit can be built"),
            address: format!("{}/v1/traces", config.endpoint.trim_end_matches('/')),
            service: config.service.clone(),
        }
    }

    async fn send(&self, spans: &[Span]) -> Result<(), String> {
        let answer = self.http.post(&self.address).json(&self.message(spans)).send().await;
        // Whatever is wrong with the address is not for the log, which may have a password in it.
        let answer = answer.map_err(|error| error.without_url().to_string())?;
        if answer.status().is_success() { Ok(()) } else { Err(answer.status().to_string()) }
    }

    /// `ExportTraceServiceRequest`, as the protocol maps it to JSON.
    fn message(&self, spans: &[Span]) -> Value {
        let service = [
            text("service.name", &self.service),
            text("service.version", env!("CARGO_PKG_VERSION")),
            text("service.instance.id", &std::process::id().to_string()),
        ];
        json!({"resourceSpans": [{
            "resource": {"attributes": service},
            "scopeSpans": [{
                "scope": {"name": "ouvira", "version": env!("CARGO_PKG_VERSION")},
                "spans": spans.iter().map(Span::message).collect::<Vec<_>>(),
            }],
        }]})
    }
}

impl Span {
    /// After the semantic conventions of HTTP servers. No address, no path, no query string, no user agent.
    fn message(&self) -> Value {
        let method = self.method.as_str();
        let route = self.route.as_deref();
        let mut attributes = vec![
            text("http.request.method", method),
            number("http.response.status_code", u64::from(self.status.as_u16())),
            text("ouvira.request_id", &self.request_id),
            number("ouvira.database.statements", u64::from(self.database.statements)),
            json!({"key": "ouvira.database.seconds", "value": {"doubleValue": self.database.time.as_secs_f64()}}),
        ];
        attributes.extend(route.map(|route| text("http.route", route)));
        attributes.extend(self.problem.map(|problem| text("error.type", problem.as_str())));
        if let Some((tenant, placement)) = self.tenant {
            attributes.push(text("ouvira.tenant.id", &tenant.to_string()));
            attributes.push(text("ouvira.placement", placement.as_str()));
        }
        let began = TimeDelta::from_std(self.took).map_or(self.ended, |took| self.ended - took);
        json!({
            "traceId": format!("{:032x}", self.trace.trace),
            "spanId": format!("{:016x}", self.trace.span),
            "parentSpanId": self.trace.parent.map(|parent| format!("{parent:016x}")).unwrap_or_default(),
            "name": route.map_or_else(|| method.to_owned(), |route| format!("{method} {route}")),
            "kind": SERVER,
            "startTimeUnixNano": nanoseconds(began),
            "endTimeUnixNano": nanoseconds(self.ended),
            "attributes": attributes,
            "status": if self.status.is_server_error() { json!({"code": ERROR}) } else { json!({}) },
        })
    }
}

fn text(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

/// Integers of 64 bits are strings in the JSON of protocol buffers.
fn number(key: &str, value: u64) -> Value {
    json!({"key": key, "value": {"intValue": value.to_string()}})
}

fn nanoseconds(time: Timestamp) -> String {
    time.timestamp_nanos_opt().unwrap_or_default().to_string()
}
