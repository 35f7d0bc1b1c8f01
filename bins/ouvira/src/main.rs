//! The Ouvira service: the HTTP shell and the command line. The only place that knows more than one domain.

mod checkpoints;
mod cli;
mod config;
mod delivery;
mod demo;
mod guard;
mod hints;
mod http;
mod limits;
mod me;
mod messages;
mod node;
mod pages;
mod people;
mod platform;
mod telemetry;
mod tls;
mod worker;

use std::process::ExitCode;

use clap::Parser as _;
use mimalloc::MiMalloc;

/// Requests make many small, short-lived objects on many threads.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let json = cli.json();
    match cli.run() {
        Ok(answer) => {
            answer.print(json);
            ExitCode::SUCCESS
        }
        Err(error) => {
            error.print(json);
            ExitCode::FAILURE
        }
    }
}
