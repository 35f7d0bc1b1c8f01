//! Two servers that take turns.

use std::time::Duration;

use serde::Serialize;

use crate::{
    error::BenchError,
    load::{Quantiles, Sample, Traffic},
    process::{Server, cpu_time, cpu_time_with_children},
    stage::Stage,
};

/// One of the two.
pub(crate) struct Side<'a> {
    /// Who serves.
    pub(crate) server: &'a Server,
    /// What is sent.
    pub(crate) traffic: Traffic,
}

/// Microseconds of CPU time that one request takes.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct CpuPerRequest {
    /// In this process.
    pub(crate) generator: f64,
    /// In the server's.
    pub(crate) server: f64,
    /// In those of Postgres.
    pub(crate) postgres: f64,
}

/// One run of one side.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Run {
    /// Answers a second.
    pub(crate) per_second: f64,
    /// How long they took.
    #[serde(flatten)]
    pub(crate) quantiles: Quantiles,
    /// Where the time of the cores went, on Linux.
    #[serde(rename = "cpu_us")]
    pub(crate) cpu: Option<CpuPerRequest>,
}

/// A run of each side, one after the other.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Pair {
    /// The yardstick.
    pub(crate) bare: Run,
    /// What is measured with it.
    pub(crate) service: Run,
}

/// How long answers took when neither server was at its limit.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Steady {
    /// Requests a second, the same of both.
    pub(crate) per_second: u32,
    /// Of the bare handler.
    pub(crate) bare: Quantiles,
    /// Of the service.
    pub(crate) service: Quantiles,
}

/// All runs.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Comparison {
    /// In the order in which they were run.
    pub(crate) pairs: Vec<Pair>,
    /// At half of what the service can do.
    pub(crate) steady: Steady,
}

impl Comparison {
    /// Lets both sides warm up, then take turns.
    pub(crate) async fn take(stage: &Stage, bare: &Side<'_>, service: &Side<'_>) -> Result<Self, BenchError> {
        let warm_up = stage.run_length().min(Duration::from_secs(3));
        for side in [bare, service] {
            side.traffic.run(stage.settings.connections, warm_up).await?.flawless()?;
            side.server.settle().await?;
        }
        let mut pairs = Vec::new();
        for number in 1..=stage.settings.pairs {
            let pair = Pair { bare: bare.run(stage).await?, service: service.run(stage).await? };
            eprintln!(
                "  pair {number}: bare {:.0}/s, service {:.0}/s, ratio {:.2}",
                pair.bare.per_second,
                pair.service.per_second,
                pair.ratio()
            );
            pairs.push(pair);
        }
        let steady = Steady::take(stage, bare, service, &pairs).await?;
        Ok(Self { pairs, steady })
    }

    /// The middle one of the pairs' ratios.
    pub(crate) fn ratio(&self) -> f64 {
        median(self.pairs.iter().map(Pair::ratio))
    }

    /// The lowest and the highest.
    pub(crate) fn spread(&self) -> (f64, f64) {
        let ratios = || self.pairs.iter().map(Pair::ratio);
        (ratios().fold(f64::INFINITY, f64::min), ratios().fold(0.0, f64::max))
    }

    /// The middle of what `of` says of the runs that `side` picks.
    pub(crate) fn median(&self, side: fn(&Pair) -> &Run, of: impl Fn(&Run) -> f64) -> f64 {
        median(self.pairs.iter().map(|pair| of(side(pair))))
    }
}

impl Steady {
    async fn take(
        stage: &Stage,
        bare: &Side<'_>,
        service: &Side<'_>,
        pairs: &[Pair],
    ) -> Result<Self, BenchError> {
        let half = median(pairs.iter().map(|pair| pair.service.per_second)) / 2.0;
        let per_second = whole(half);
        let mut quantiles = Vec::new();
        for side in [bare, service] {
            let sample =
                side.traffic.run_at(per_second, stage.settings.connections, stage.run_length()).await?;
            quantiles.push(sample.flawless()?.quantiles());
            side.server.settle().await?;
        }
        Ok(Self { per_second, bare: quantiles[0], service: quantiles[1] })
    }
}

impl Pair {
    /// The service's throughput as part of the bare handler's.
    pub(crate) fn ratio(&self) -> f64 {
        self.service.per_second / self.bare.per_second
    }
}

impl Side<'_> {
    /// One run, and then the quiet that the next one needs: what the service still does in the background, such as
    /// handling events, is not the other side's to pay for.
    pub(crate) async fn run(&self, stage: &Stage) -> Result<Run, BenchError> {
        let meter = || {
            Some([
                cpu_time(std::process::id())?,
                cpu_time(self.server.pid())?,
                cpu_time_with_children(stage.database_pid?)?,
            ])
        };
        let before = meter();
        let sample = self.traffic.run(stage.settings.connections, stage.run_length()).await?.flawless()?;
        let after = meter();
        self.server.settle().await?;
        Ok(Run {
            per_second: sample.throughput(),
            quantiles: sample.quantiles(),
            cpu: before.zip(after).map(|(before, after)| CpuPerRequest::of(&sample, before, after)),
        })
    }
}

impl CpuPerRequest {
    #[expect(clippy::cast_precision_loss, reason = "a run has fewer than 2^52 requests")]
    fn of(sample: &Sample, before: [Duration; 3], after: [Duration; 3]) -> Self {
        let used =
            |n: usize| after[n].saturating_sub(before[n]).as_secs_f64() * 1e6 / sample.answered() as f64;
        Self { generator: used(0), server: used(1), postgres: used(2) }
    }
}

/// A rate that can be kept.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and a million")]
pub(super) fn whole(per_second: f64) -> u32 {
    per_second.clamp(1.0, 1e6) as u32
}

/// The middle value; of an even number the mean of the two in the middle. 0 of none.
pub(super) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    match (values.len(), values.len() / 2) {
        (0, _) => 0.0,
        (length, middle) if length % 2 == 1 => values[middle],
        (_, middle) => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(per_second: f64) -> Run {
        Run { per_second, quantiles: Quantiles { p50_ms: 1.0, p99_ms: 2.0 }, cpu: None }
    }

    #[test]
    fn the_ratio_is_the_median_of_the_pairs_and_not_the_ratio_of_medians() {
        // The machine was slower for the second pair: it says nothing about the ratio.
        let pairs = [(1000.0, 600.0), (100.0, 70.0), (1000.0, 500.0)];
        let pairs = pairs.map(|(bare, service)| Pair { bare: run(bare), service: run(service) }).to_vec();
        let quantiles = Quantiles { p50_ms: 1.0, p99_ms: 2.0 };
        let steady = Steady { per_second: 50, bare: quantiles, service: quantiles };
        let comparison = Comparison { pairs, steady };
        assert!((comparison.ratio() - 0.6).abs() < 1e-9);
        assert!((comparison.spread().0 - 0.5).abs() < 1e-9 && (comparison.spread().1 - 0.7).abs() < 1e-9);
    }

    #[test]
    fn the_median_of_an_even_number_is_between_the_middle_ones() {
        assert!((median([4.0, 1.0, 2.0, 100.0].into_iter()) - 3.0).abs() < 1e-9);
        assert!(median(std::iter::empty()).abs() < 1e-9);
    }
}
