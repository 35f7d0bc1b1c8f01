//! The command line.

mod answer;
mod audit;
mod config;
mod events;
mod every_page;
mod keys;
mod migrate;
mod openapi;
mod operator;
mod outbox;
mod problems;
mod rls;
mod serve;
mod tenant;
mod worker;

use clap::{Parser, Subcommand};

pub(crate) use answer::{Answer, CommandError};

use crate::{
    config::{Config, Purpose},
    node::history,
    platform::Platform,
};

/// The multi-tenant backend: users, companies, rights and a record of everything, behind a REST API.
#[derive(Debug, Parser)]
#[command(name = "ouvira", version)]
pub(crate) struct Cli {
    /// Answer in JSON, for machines.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer requests (what `ouvira` alone does).
    Serve,
    /// Send messages and do all other work in the background.
    Worker,
    /// Bring every placement to this release's tables.
    Migrate(migrate::Migrate),
    /// Tenants.
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    /// People who run the platform.
    #[command(subcommand)]
    Operator(operator::Operator),
    /// The keys that sign access tokens.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Row-level security.
    #[command(subcommand)]
    Rls(rls::Rls),
    /// The record of what was done.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Events on their way.
    #[command(subcommand)]
    Outbox(outbox::Outbox),
    /// Print the events that webhooks can subscribe to.
    Events,
    /// Print the `OpenAPI` document.
    Openapi,
    /// Print every code that an error can have.
    Problems,
    /// The configuration.
    #[command(subcommand)]
    Config(config::ConfigCommand),
}

impl Cli {
    /// Does what was asked; the answer is for stdout.
    pub(crate) fn run(self) -> Result<Answer, CommandError> {
        match self.command.unwrap_or(Command::Serve) {
            Command::Serve => serve::run(&read(Purpose::Serve)?),
            Command::Worker => worker::run(&read(Purpose::Worker)?),
            Command::Migrate(command) => command.run(&read(Purpose::Migrate)?),
            Command::Tenant(command) => command.run(&read(Purpose::Administer)?),
            Command::Operator(command) => command.run(&read(Purpose::Administer)?),
            Command::Keys(command) => command.run(&read(Purpose::Administer)?),
            Command::Rls(command) => command.run(&read(Purpose::Migrate)?),
            Command::Audit(command) => command.run(),
            Command::Outbox(command) => command.run(&read(Purpose::Worker)?),
            Command::Events => Ok(events::run()),
            Command::Openapi => openapi::run(),
            Command::Problems => Ok(problems::run()),
            Command::Config(command) => command.run(),
        }
    }

    /// Whether answers are for machines.
    pub(crate) fn json(&self) -> bool {
        self.json
    }
}

fn read(purpose: Purpose) -> Result<Config, CommandError> {
    let config = Config::from_environment(purpose)?;
    crate::telemetry::begin(&config.observability);
    Ok(config)
}

/// Runs an asynchronous command to its end.
fn block_on<T>(work: impl Future<Output = T>) -> Result<T, CommandError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    Ok(runtime.map_err(|error| CommandError::internal(&error))?.block_on(work))
}

/// Fails with code `not_migrated` for a database without our tables, `behind_this_release` for one that lacks some of them.
async fn require_migrated(platform: &Platform) -> Result<(), CommandError> {
    let control = Platform::need(platform.control.as_ref());
    Ok(ouvira_tenancy::require_migrated(&control, &history()).await?)
}
