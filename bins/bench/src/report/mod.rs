//! What was found: a table for people, JSON for everything else.

mod curve;
mod finding;
mod machine;
mod plot;
mod table;

use std::{fs, path::Path};

use serde::Serialize;

use self::machine::Machine;
pub(crate) use self::{
    curve::{Against, Curve, Point},
    finding::{Aim, Finding},
};
use crate::{cli::Settings, error::BenchError, measure::Measurement, stage::Stage};

/// Everything of one run of this program.
#[derive(Serialize)]
pub(crate) struct Report {
    machine: Machine,
    settings: Settings,
    entries: Vec<Entry>,
}

/// What one measurement found.
#[derive(Serialize)]
struct Entry {
    id: &'static str,
    title: &'static str,
    findings: Vec<Finding>,
    /// Why there are no more.
    error: Option<String>,
}

impl Report {
    /// Without findings.
    pub(crate) fn new(settings: &Settings, stage: &Stage) -> Self {
        Self { machine: Machine::this(stage.workers), settings: settings.clone(), entries: Vec::new() }
    }

    /// Adds what `measurement` found, and how it ended.
    pub(crate) fn add(
        &mut self,
        measurement: &dyn Measurement,
        findings: Vec<Finding>,
        outcome: Result<(), BenchError>,
    ) {
        let error = outcome.err().map(|error| error.to_string());
        if let Some(error) = &error {
            eprintln!("  failed: {error}");
        }
        self.entries.push(Entry { id: measurement.id(), title: measurement.title(), findings, error });
    }

    /// An error if a measurement could not be taken. The others stand.
    pub(crate) fn failures(&self) -> Result<(), BenchError> {
        let failed: Vec<_> =
            self.entries.iter().filter(|entry| entry.error.is_some()).map(|entry| entry.id).collect();
        if failed.is_empty() { Ok(()) } else { Err(BenchError::Incomplete(failed.join(", "))) }
    }

    /// Writes all of it to `file`.
    pub(crate) fn write_json(&self, file: &Path) -> Result<(), BenchError> {
        let json = serde_json::to_string_pretty(self).expect("a report is made of strings and numbers");
        fs::write(file, json + "\n").map_err(BenchError::io(format!("write {}", file.display())))
    }

    /// Draws the curves to `file`.
    pub(crate) fn write_plot(&self, file: &Path) -> Result<(), BenchError> {
        let findings = self.entries.iter().flat_map(|entry| &entry.findings);
        let curves: Vec<&Curve> = findings.filter_map(Finding::as_curve).collect();
        fs::write(file, plot::draw(&curves)).map_err(BenchError::io(format!("write {}", file.display())))
    }
}
