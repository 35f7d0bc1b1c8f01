//! Where the databases are: named in the configuration, or private to this machine.

mod local_keys;
mod private;

use std::{ops::Deref, path::Path};

use ouvira_common::{db::Endpoint, sealing::WrappingKeys, secret::Secret};
use ouvira_embedded_postgres::{EmbeddedPostgres, StartError};

use crate::config::Config;

/// The databases, and the deployment's keys.
pub(crate) struct Platform {
    databases: Databases,
    /// Wrap the tenants' data keys and the signing keys.
    pub(crate) wrapping: WrappingKeys,
    /// Signs what clients are given and bring back.
    pub(crate) secret: Secret,
}

/// The way to every role's connection. A private Postgres ends when this is dropped.
pub(crate) struct Databases {
    /// The role that serves.
    pub(crate) app: Option<Endpoint>,
    /// The role of the catalog.
    pub(crate) control: Option<Endpoint>,
    /// The role that reads the outbox.
    pub(crate) worker: Option<Endpoint>,
    /// The role that owns and migrates; not in `serve` in production.
    pub(crate) owner: Option<Endpoint>,
    /// Whether the database is a private one.
    pub(crate) private: bool,
    _server: Option<EmbeddedPostgres>,
}

/// The databases cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlatformError {
    /// The private Postgres does not start.
    #[error(transparent)]
    Postgres(#[from] StartError),
    /// The generated keys cannot be read or written.
    #[error("{path}: {source}")]
    Keys {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The generated keys are not what was written.
    #[error("{0} does not hold keys; restore it, or remove DATA_DIR and begin anew")]
    BrokenKeys(String),
}

impl Deref for Platform {
    type Target = Databases;

    fn deref(&self) -> &Databases {
        &self.databases
    }
}

impl Platform {
    /// Finds the databases as [`Databases::open`] does, and the keys. In local mode keys that are missing are made. Blocks.
    pub(crate) fn open(config: &Config) -> Result<Self, PlatformError> {
        let (wrapping, secret) = keys(config)?;
        Ok(Self { databases: Databases::open(config)?, wrapping, secret })
    }

    /// An endpoint that the configuration was checked to have.
    pub(crate) fn need(endpoint: Option<&Endpoint>) -> Endpoint {
        endpoint.cloned().expect("the configuration was checked for this command")
    }
}

impl Databases {
    /// Finds the databases, or starts a private Postgres in `DATA_DIR`, or joins the one that another process runs there.
    /// Alone it is enough for what changes their structure and looks at no secret. Blocks.
    pub(crate) fn open(config: &Config) -> Result<Self, PlatformError> {
        let named = &config.database;
        let slow = config.observability.slow_query;
        let watched = |endpoint: &Option<Endpoint>| Some(endpoint.clone()?.with_slow_queries(slow));
        if !named.is_unnamed() {
            return Ok(Self {
                app: watched(&named.app),
                control: watched(&named.control),
                worker: watched(&named.worker),
                owner: named.owner.clone(),
                private: false,
                _server: None,
            });
        }
        let (urls, server) = private::open(&config.data_dir)?;
        let endpoint = |role: &str| {
            let endpoint = Endpoint::parse(&urls.url(role, ouvira_tenancy::DATABASE));
            Some(endpoint.expect("our own connection string is well formed").with_slow_queries(slow))
        };
        Ok(Self {
            app: endpoint("ouvira_app"),
            control: endpoint("ouvira_control"),
            worker: endpoint("ouvira_worker"),
            owner: endpoint("ouvira_owner"),
            private: true,
            _server: server,
        })
    }
}

fn keys(config: &Config) -> Result<(WrappingKeys, Secret), PlatformError> {
    let generated = |dir: &Path| local_keys::read_or_make(dir);
    match (&config.keys.encryption, &config.keys.secret) {
        (Some(wrapping), Some(secret)) => Ok((wrapping.clone(), secret.clone())),
        (wrapping, secret) => {
            let (made_wrapping, made_secret) = generated(&config.data_dir)?;
            Ok((wrapping.clone().unwrap_or(made_wrapping), secret.clone().unwrap_or(made_secret)))
        }
    }
}
