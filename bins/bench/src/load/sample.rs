//! What one run of the generator tells.

use std::time::Duration;

use serde::Serialize;

use crate::error::BenchError;

/// What one connection saw.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Microseconds; a request that takes an hour still fits.
    latencies: Vec<u32>,
    refusals: u64,
    failures: u64,
    first_failure: Option<String>,
}

impl Tally {
    pub(super) fn answered(&mut self, latency: Duration) {
        self.latencies.push(u32::try_from(latency.as_micros()).unwrap_or(u32::MAX));
    }

    pub(super) fn refused(&mut self) {
        self.refusals += 1;
    }

    pub(super) fn failed(&mut self, what: impl FnOnce() -> String) {
        self.failures += 1;
        self.first_failure.get_or_insert_with(what);
    }
}

/// What one run saw.
#[derive(Debug)]
pub(crate) struct Sample {
    length: Duration,
    /// Sorted, in microseconds.
    latencies: Vec<u32>,
    refusals: u64,
    failures: u64,
    first_failure: Option<String>,
}

/// From sending a request to having its whole answer, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Quantiles {
    /// Half of the requests took no longer.
    pub(crate) p50_ms: f64,
    /// 99 of a hundred took no longer.
    pub(crate) p99_ms: f64,
}

impl Sample {
    pub(super) fn new(length: Duration, tallies: Vec<Tally>) -> Self {
        let mut sample =
            Self { length, latencies: Vec::new(), refusals: 0, failures: 0, first_failure: None };
        for tally in tallies {
            sample.latencies.extend(tally.latencies);
            sample.refusals += tally.refusals;
            sample.failures += tally.failures;
            sample.first_failure = sample.first_failure.or(tally.first_failure);
        }
        sample.latencies.sort_unstable();
        sample
    }

    /// Itself, if every request was answered as expected.
    pub(crate) fn flawless(self) -> Result<Self, BenchError> {
        match self.first_failure {
            Some(first) => {
                let requests = self.latencies.len() as u64 + self.refusals + self.failures;
                Err(BenchError::Failures { failures: self.failures, requests, first })
            }
            None if self.latencies.is_empty() => Err(BenchError::TimedOut("a single answer".to_owned())),
            None => Ok(self),
        }
    }

    /// How many requests were answered as expected.
    pub(crate) fn answered(&self) -> usize {
        self.latencies.len()
    }

    /// Refusals a second, of a kind that may come.
    #[expect(clippy::cast_precision_loss, reason = "a run has fewer than 2^52 requests")]
    pub(crate) fn refusals_per_second(&self) -> f64 {
        self.refusals as f64 / self.length.as_secs_f64()
    }

    /// Answers a second.
    #[expect(clippy::cast_precision_loss, reason = "a run has fewer than 2^52 requests")]
    pub(crate) fn throughput(&self) -> f64 {
        self.latencies.len() as f64 / self.length.as_secs_f64()
    }

    /// How long answers took.
    pub(crate) fn quantiles(&self) -> Quantiles {
        let at = |percent: usize| {
            let index = (self.latencies.len() * percent / 100).min(self.latencies.len().saturating_sub(1));
            f64::from(self.latencies.get(index).copied().unwrap_or_default()) / 1000.0
        };
        Quantiles { p50_ms: at(50), p99_ms: at(99) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_all_connections_together() {
        let mut tallies = vec![Tally::default(), Tally::default()];
        for micros in 1..=1000 {
            tallies[micros % 2].answered(Duration::from_micros(micros as u64));
        }
        let sample = Sample::new(Duration::from_secs(2), tallies).flawless().unwrap();
        assert_eq!(sample.answered(), 1000);
        assert!((sample.throughput() - 500.0).abs() < f64::EPSILON);
        assert_eq!(sample.quantiles(), Quantiles { p50_ms: 0.501, p99_ms: 0.991 });
    }

    #[test]
    fn a_run_with_a_failure_has_no_figures() {
        let mut tally = Tally::default();
        tally.answered(Duration::from_micros(1));
        tally.failed(|| "503".to_owned());
        let error = Sample::new(Duration::from_secs(1), vec![tally]).flawless().unwrap_err();
        assert_eq!(error.to_string(), "1 of 2 requests failed; the first: 503");
        assert!(Sample::new(Duration::from_secs(1), Vec::new()).flawless().is_err());
    }
}
