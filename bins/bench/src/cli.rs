//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};
use serde::Serialize;

/// Measures Ouvira against bare handlers on the same Postgres.
#[derive(Debug, Parser)]
#[command(name = "ouvira-bench", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serves the bare handlers; what the measurements start as a process of its own.
    #[command(hide = true)]
    Bare(BareOptions),
}

/// What is measured, and how long.
#[derive(Debug, Clone, Args, Serialize)]
pub(crate) struct Settings {
    /// Only these, such as P1,P3.
    #[arg(long, value_delimiter = ',', value_name = "IDS")]
    #[serde(skip)]
    pub(crate) only: Vec<String>,
    /// Write everything that was measured as JSON.
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub(crate) json: Option<PathBuf>,
    /// Draw throughput and p99 against connections and rows, as SVG.
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub(crate) plot: Option<PathBuf>,
    /// Length of one run; the two sides take turns.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) seconds: u32,
    /// Turns of each side.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) pairs: u32,
    /// Keep-alive connections of the generator.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) connections: u32,
    /// People whose requests are sent; each signs up first.
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) people: u32,
    /// Tenants in the common tables with one person each, who asks (P9, P10).
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) tenants: u32,
    /// All tenants in the common tables; those beyond `--tenants` are only there (P9).
    #[arg(long, default_value_t = 5000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) shared_tenants: u32,
    /// Tenants with a schema of their own and one person each, who asks (P9).
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) schema_tenants: u32,
    /// Rows of the activity log (P11).
    #[arg(long, default_value_t = 500_000, value_parser = clap::value_parser!(u32).range(1000..))]
    pub(crate) activity_rows: u32,
    /// Users of one tenant (P11).
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1000..))]
    pub(crate) users: u32,
    /// Companies directly below one, which has ten more below one another (P11).
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1000..))]
    pub(crate) companies: u32,
    /// The service's executable; without it, `cargo build -p ouvira` makes one.
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub(crate) service: Option<PathBuf>,
}

/// How the bare handlers are served.
#[derive(Debug, Clone, Args)]
pub(crate) struct BareOptions {
    /// Where to listen.
    #[arg(long)]
    pub(crate) listen: SocketAddr,
    /// Connection string of their database.
    #[arg(long)]
    pub(crate) database: String,
    /// Threads.
    #[arg(long)]
    pub(crate) workers: usize,
    /// Connections to Postgres of each thread.
    #[arg(long)]
    pub(crate) pool: usize,
}
