//! A deployment in a temporary directory: `ouvira serve` in mode local on its private Postgres, and whatever else is run on
//! the same data.

use std::{env, os::unix::fs::PermissionsExt as _, path::PathBuf};

use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    error::BenchError,
    process::{Server, free_address, output_of},
    stage::DATABASE_CONNECTIONS,
};

/// The issuer of tokens: the same for every node, so that each takes what another one gave out.
const PUBLIC_URL: &str = "http://localhost:8000";
/// Answers 200 once the service can work.
const READY: &str = "/health/ready";

/// Where a deployment keeps its files, and the program that uses them.
pub(crate) struct Deployment {
    program: PathBuf,
    dir: TempDir,
}

impl Deployment {
    /// An empty one for `program`.
    pub(crate) fn new(program: PathBuf) -> Result<Self, BenchError> {
        // Started by root, Postgres runs as somebody else, who has to get in.
        let open = std::fs::Permissions::from_mode(0o755);
        let dir = tempfile::Builder::new().prefix("ouvira-bench-").permissions(open).tempdir();
        Ok(Self { program, dir: dir.map_err(BenchError::io("make a temporary directory"))? })
    }

    /// What is run.
    pub(crate) fn program(&self) -> PathBuf {
        self.program.clone()
    }

    /// `DATA_DIR`.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// A file beside the data, for a log.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The program with the settings of this deployment and nothing from the caller's environment or `.env`.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.env_clear().current_dir(self.dir.path());
        for name in ["PATH", "HOME", "TMPDIR"] {
            if let Some(value) = env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .env("OUVIRA_ENV", "local")
            .env("DATA_DIR", self.data_dir())
            .env("PUBLIC_URL", PUBLIC_URL)
            .env("RATE_LIMITS", "off")
            .env("DATABASE_CONNECTIONS", DATABASE_CONNECTIONS.to_string());
        command
    }

    /// `ouvira serve` with `variables` besides, once it is ready. Without connection strings among them it starts its own
    /// Postgres.
    pub(crate) async fn serve(&self, name: &str, variables: &[(&str, String)]) -> Result<Server, BenchError> {
        let address = free_address()?;
        let metrics = free_address()?;
        let mut command = self.command();
        command
            .arg("serve")
            .env("BIND_ADDRESS", address.to_string())
            .env("METRICS_ADDRESS", metrics.to_string())
            .envs(variables.iter().map(|(name, value)| (name, value)));
        let server = Server::start(command, address, READY, &self.file(&format!("{name}.log"))).await?;
        Ok(server.with_metrics(metrics))
    }

    /// `ouvira tenant create`.
    pub(crate) async fn create_tenant(&self, slug: &str) -> Result<(), BenchError> {
        self.run(&["tenant", "create", "--slug", slug, "--name", slug, "--json"]).await
    }

    /// `ouvira operator create`.
    pub(crate) async fn create_operator(&self, email: &str, password: &str) -> Result<(), BenchError> {
        self.run(&["operator", "create", "--email", email, "--password", password, "--json"]).await
    }

    /// Any other command, to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Result<(), BenchError> {
        let mut command = self.command();
        command.args(arguments);
        output_of(command).await.map(drop)
    }
}
