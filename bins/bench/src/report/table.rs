//! The report as Markdown, ready for `docs/performance.md`.

use std::fmt;

use super::{Aim, Entry, Finding, Report};
use crate::{
    load::Quantiles,
    measure::{Comparison, CpuPerRequest, Pair, Run},
};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &self.settings;
        writeln!(
            f,
            "{} cores{}, {} connections, {} pairs of runs of {} s; bare / service, medians\n",
            self.machine.cores,
            self.machine.processor.as_deref().map(|name| format!(" ({name})")).unwrap_or_default(),
            settings.connections,
            settings.pairs,
            settings.seconds,
        )?;
        self.ratios(f)?;
        self.figures(f)
    }
}

impl Report {
    fn ratios(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = self.entries.iter().flat_map(ratio_rows).peekable();
        if rows.peek().is_none() {
            return Ok(());
        }
        writeln!(
            f,
            "| # | what | requests/s | ratio (lowest to highest) | aim | met | p50 ms at half load | p99 ms | CPU µs: generator | server | Postgres |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|---|---|---|")?;
        rows.try_for_each(|row| writeln!(f, "{row}"))?;
        writeln!(f)
    }

    fn figures(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = self.entries.iter().flat_map(figure_rows).peekable();
        if rows.peek().is_none() {
            return Ok(());
        }
        writeln!(f, "| # | what | found | aim | met |")?;
        writeln!(f, "|---|---|---|---|---|")?;
        rows.try_for_each(|row| writeln!(f, "{row}"))
    }
}

fn ratio_rows(entry: &Entry) -> impl Iterator<Item = String> {
    entry.findings.iter().filter_map(|finding| {
        let Finding::Ratio { name, comparison, at_least } = finding else { return None };
        let (lowest, highest) = comparison.spread();
        Some(format!(
            "| {} | {name} | {} | **{:.2}** ({lowest:.2} to {highest:.2}) | ≥ {at_least} | {} | {} | {} | {} | {} | {} |",
            entry.id,
            both(comparison, 0, |run| run.per_second),
            comparison.ratio(),
            met(finding),
            steady(comparison, |quantiles| quantiles.p50_ms),
            steady(comparison, |quantiles| quantiles.p99_ms),
            cpu(comparison, |cpu| cpu.generator),
            cpu(comparison, |cpu| cpu.server),
            cpu(comparison, |cpu| cpu.postgres),
        ))
    })
}

fn figure_rows(entry: &Entry) -> impl Iterator<Item = String> {
    entry.findings.iter().filter_map(|finding| {
        let Finding::Figure { name, value, unit, aim } = finding else { return None };
        let aim = match aim {
            Some(Aim::AtLeast(least)) => format!("≥ {least} {unit}"),
            Some(Aim::AtMost(most)) => format!("≤ {most} {unit}"),
            Some(Aim::Between(least, most)) => format!("{least} to {most} {unit}"),
            None => String::new(),
        };
        let digits = if *value < 10.0 { 2 } else { 0 };
        Some(format!("| {} | {name} | {value:.digits$} {unit} | {aim} | {} |", entry.id, met(finding)))
    })
}

/// The medians of both sides.
fn both(comparison: &Comparison, digits: usize, of: impl Fn(&Run) -> f64) -> String {
    let bare = comparison.median(|pair: &Pair| &pair.bare, &of);
    let service = comparison.median(|pair| &pair.service, &of);
    format!("{bare:.digits$} / {service:.digits$}")
}

/// Of the runs at half load.
fn steady(comparison: &Comparison, of: fn(&Quantiles) -> f64) -> String {
    format!("{:.2} / {:.2}", of(&comparison.steady.bare), of(&comparison.steady.service))
}

/// The same of a part of the CPU time.
fn cpu(comparison: &Comparison, part: fn(&CpuPerRequest) -> f64) -> String {
    both(comparison, 0, |run| run.cpu.as_ref().map_or(f64::NAN, part))
}

fn met(finding: &Finding) -> &'static str {
    match finding.is_met() {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    }
}
