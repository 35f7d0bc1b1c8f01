use std::path::PathBuf;
use std::time::Duration;

use crate::error::StartError;
use crate::initialize::SUPERUSER;

/// What to start, and where.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where everything is kept; made if it does not exist.
    pub data_dir: PathBuf,
    /// The directory of `postgres` and `initdb`; `None` looks for them on this machine.
    pub bin_dir: Option<PathBuf>,
    /// Run once, when the cluster is new, as its superuser in the database `postgres`. Each element is one query, so
    /// that a `CREATE DATABASE` needs an element of its own. An error undoes the whole cluster.
    pub bootstrap_sql: Vec<String>,
    /// The roles that may log in. They must have been created by `bootstrap_sql`.
    pub login_roles: Vec<String>,
    /// Whether a commit survives a crash of the machine. Tests say no and are faster.
    pub durable: bool,
    /// Postgres keeps three of these for superusers, who cannot log in here.
    pub max_connections: u16,
    /// How long the server may take until it accepts connections. Replaying the log after a crash is part of it.
    pub start_timeout: Duration,
}

impl Options {
    /// A durable server with Postgres' own defaults, and nobody who may log in.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            bin_dir: None,
            bootstrap_sql: Vec::new(),
            login_roles: Vec::new(),
            durable: true,
            max_connections: 100,
            start_timeout: Duration::from_mins(1),
        }
    }

    /// Refuses what `pg_hba.conf` could not express, and a superuser who logs in.
    pub(crate) fn check(&self) -> Result<(), StartError> {
        let plain = |role: &String| role.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
        match self.login_roles.iter().find(|role| role.is_empty() || !plain(role) || *role == SUPERUSER) {
            Some(role) => Err(StartError::LoginRole(role.clone())),
            None => Ok(()),
        }
    }
}
