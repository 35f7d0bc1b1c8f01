//! How something goes on as something else grows.

use serde::Serialize;

use crate::load::Sample;

/// What grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Against {
    /// Connections that send at the same time.
    Connections,
    /// Rows in the table that is read.
    Rows,
}

impl Against {
    /// Both.
    pub(super) const ALL: [Self; 2] = [Self::Connections, Self::Rows];

    /// For the axis.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::Rows => "rows",
        }
    }
}

/// What was found at one size.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Point {
    /// Of what grows.
    pub(crate) size: u32,
    /// Answers a second.
    pub(crate) per_second: f64,
    /// Of their times.
    pub(crate) p99_ms: f64,
}

impl Point {
    /// What `sample` says.
    pub(crate) fn of(size: u32, sample: &Sample) -> Self {
        Self { size, per_second: sample.throughput(), p99_ms: sample.quantiles().p99_ms }
    }
}

/// One line of the plot.
#[derive(Debug, Serialize)]
pub(crate) struct Curve {
    /// Of what.
    pub(crate) name: String,
    /// What grows.
    pub(crate) against: Against,
    /// From the smallest size on.
    pub(crate) points: Vec<Point>,
}
