//! What the service tells of itself.

use std::{net::SocketAddr, time::Duration};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tracing_subscriber::EnvFilter;

use super::{
    WebAddress,
    source::{Refusal, Source},
};

/// `LOG_FORMAT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Pretty,
    /// For machines: a JSON object a line.
    Json,
}

/// Logs and metrics.
#[derive(Debug)]
pub(crate) struct ObservabilityConfig {
    /// How log lines are written.
    pub(crate) log_format: LogFormat,
    /// `RUST_LOG`: which are.
    pub(crate) log_filter: String,
    /// `METRICS_ADDRESS`: where `/metrics` is; `None` for nowhere.
    pub(crate) metrics: Option<SocketAddr>,
    /// `SLOW_QUERY_MS`: statements that take this long are written to the log; `None` for none.
    pub(crate) slow_query: Option<Duration>,
    /// `OTEL_EXPORTER_OTLP_ENDPOINT` and what goes with it; without it there are no traces.
    pub(crate) traces: Option<TraceConfig>,
}

/// Where traces go.
#[derive(Clone)]
pub(crate) struct TraceConfig {
    /// The collector; `/v1/traces` is below it.
    pub(crate) endpoint: String,
    /// What it is sent besides: how it knows us.
    pub(crate) headers: HeaderMap,
    /// What we are called there.
    pub(crate) service: String,
    /// Which part of the traces that begin here is recorded, from 0 to 1.
    pub(crate) share: f64,
}

impl std::fmt::Debug for TraceConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TraceConfig").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl ObservabilityConfig {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        Self {
            log_format: source.choice(
                "LOG_FORMAT",
                "pretty",
                &[("pretty", LogFormat::Pretty), ("json", LogFormat::Json)],
            ),
            log_filter: source.or("RUST_LOG", "info", |text| match EnvFilter::try_new(text) {
                Ok(_) => Ok(text.to_owned()),
                Err(_) => Err("must be a filter such as info,ouvira=debug".to_owned()),
            }),
            metrics: source.or("METRICS_ADDRESS", "127.0.0.1:9100", |text| match text {
                "off" => Ok(None),
                text => {
                    text.parse().map(Some).map_err(|_| "must be an IP address and port, or off".to_owned())
                }
            }),
            slow_query: source.or("SLOW_QUERY_MS", "500", |text| match (text, text.parse()) {
                ("off", _) => Ok(None),
                (_, Ok(milliseconds @ 1..=3_600_000)) => Ok(Some(Duration::from_millis(milliseconds))),
                _ => Err("must be 1 to 3600000 milliseconds, or off".to_owned()),
            }),
            traces: TraceConfig::read(source),
        }
    }
}

impl TraceConfig {
    fn read(source: &mut Source<'_>) -> Option<Self> {
        let endpoint = source.optional("OTEL_EXPORTER_OTLP_ENDPOINT", WebAddress::parse);
        let headers = source.secret("OTEL_EXPORTER_OTLP_HEADERS", headers).unwrap_or_default();
        let service = source.or("OTEL_SERVICE_NAME", "ouvira", |text| Ok(text.to_owned()));
        let share = source.or("OTEL_TRACES_SAMPLER_ARG", "1", |text| match text.parse() {
            Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
            _ => Err("must be a number from 0 to 1".to_owned()),
        });
        endpoint.map(|endpoint| Self { endpoint: endpoint.as_str().to_owned(), headers, service, share })
    }
}

/// `name=value`, comma-separated.
fn headers(text: &str) -> Result<HeaderMap, Refusal> {
    let header = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        let mut value = HeaderValue::try_from(value.trim()).ok()?;
        value.set_sensitive(true);
        Some((HeaderName::try_from(name.trim()).ok()?, value))
    };
    let pairs = text.split(',').filter(|pair| !pair.trim().is_empty());
    pairs
        .map(header)
        .collect::<Option<HeaderMap>>()
        .ok_or_else(|| "must be name=value, comma-separated".to_owned())
}
