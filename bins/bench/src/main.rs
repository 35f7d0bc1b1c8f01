//! Measures the service against bare handlers that do the same SQL work and nothing else.
//!
//! ```text
//! cargo run --release -p ouvira-bench [-- --only P1,P3] [--json FILE] [--plot FILE]
//! ```
//!
//! Figures of one run are only compared with each other: every one is a ratio of two servers that took turns on the same
//! machine with the same Postgres, or something counted. `docs/performance.md` explains the method.

mod bare;
mod cli;
mod error;
mod load;
mod measure;
mod postgres;
mod process;
mod report;
mod service;
mod stage;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{
    cli::{Cli, Command, Settings},
    error::BenchError,
    report::Report,
    stage::Stage,
};

/// The service's own, so that the bare handlers do not differ from it by their allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Some(Command::Bare(options)) => actix_web::rt::System::new().block_on(bare::serve(options)),
        None => one_thread().and_then(|runtime| {
            runtime.block_on(async {
                tokio::select! {
                    outcome = measure(&cli.settings) => outcome,
                    // Dropping what runs ends the servers and removes their files.
                    _ = tokio::signal::ctrl_c() => Err(BenchError::Interrupted),
                }
            })
        }),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The generator has one thread: with more it would take from the servers what it is to measure.
fn one_thread() -> Result<tokio::runtime::Runtime, BenchError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(BenchError::io("start a runtime"))
}

async fn measure(settings: &Settings) -> Result<(), BenchError> {
    let chosen = measure::chosen(&settings.only)?;
    let stage = Stage::set(settings).await?;
    let mut report = Report::new(settings, &stage);
    for measurement in chosen {
        eprintln!("{} {}", measurement.id(), measurement.title());
        let mut found = Vec::new();
        let outcome = measurement.take(&stage, &mut found).await;
        report.add(measurement, found, outcome);
    }
    stage.clear().await;
    if let Some(file) = &settings.json {
        report.write_json(file)?;
    }
    if let Some(file) = &settings.plot {
        report.write_plot(file)?;
    }
    print!("{report}");
    report.failures()
}
