//! `ouvira config`.

use clap::{Subcommand, ValueEnum};
use serde_json::json;

use super::{Answer, CommandError, worker};
use crate::config::{Config, Purpose};

/// Looks at the configuration and the files that it names; connects to nothing.
#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Say everything that is wrong with it.
    Check {
        /// For which command it has to be right.
        #[arg(long = "for", value_enum, default_value = "serve")]
        command: For,
    },
    /// Show it; of secrets only whether they are set.
    Print,
}

/// The command that a configuration is for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum For {
    /// `serve`
    Serve,
    /// `worker`
    Worker,
    /// `migrate`, `rls`
    Migrate,
    /// `tenant`, `operator`
    Administer,
}

impl ConfigCommand {
    pub(super) fn run(self) -> Result<Answer, CommandError> {
        match self {
            Self::Check { command } => {
                let purpose = match command {
                    For::Serve => Purpose::Serve,
                    For::Worker => Purpose::Worker,
                    For::Migrate => Purpose::Migrate,
                    For::Administer => Purpose::Administer,
                };
                let config = Config::from_environment(purpose)?;
                worker::templates(&config)?;
                let mode = config.mode.as_str();
                Ok(Answer::new(
                    format!("The configuration is right for mode {mode}."),
                    json!({"mode": mode, "valid": true}),
                ))
            }
            Self::Print => {
                let config = Config::from_environment(Purpose::Look)?;
                let lines: Vec<String> = config.settings().iter().map(ToString::to_string).collect();
                let settings: serde_json::Map<_, _> = config
                    .settings()
                    .iter()
                    .map(|setting| (setting.name.to_owned(), setting.value.clone().into()))
                    .collect();
                Ok(Answer::new(lines.join("\n"), settings))
            }
        }
    }
}
