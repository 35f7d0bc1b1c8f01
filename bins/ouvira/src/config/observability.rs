//! What the service tells of itself.

use std::net::SocketAddr;

use tracing_subscriber::EnvFilter;

use super::source::Source;

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
    #[expect(dead_code, reason = "checked and listed; there are no metrics yet")]
    pub(crate) metrics: Option<SocketAddr>,
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
        }
    }
}
