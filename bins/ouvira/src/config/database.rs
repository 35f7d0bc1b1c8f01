//! Who connects to Postgres, as what.

use ouvira_common::db::Endpoint;

use super::{
    Mode,
    source::{Refusal, Source},
};

/// Connection strings, one a role. None of them, in local mode: the service starts a database of its own.
#[derive(Debug)]
pub(crate) struct DatabaseConfig {
    /// `DATABASE_URL`: the role that serves.
    pub(crate) app: Option<Endpoint>,
    /// `DATABASE_CONTROL_URL`: the role of the catalog.
    pub(crate) control: Option<Endpoint>,
    /// `DATABASE_WORKER_URL`: the role that reads the outbox.
    pub(crate) worker: Option<Endpoint>,
    /// `DATABASE_OWNER_URL`: the role that owns and migrates.
    pub(crate) owner: Option<Endpoint>,
    /// `DATABASE_CONNECTIONS`: the most that this process opens to the common database as the serving role.
    pub(crate) connections: usize,
}

impl DatabaseConfig {
    pub(super) fn read(source: &mut Source<'_>, mode: Mode) -> Self {
        let endpoint = |url: &str| endpoint(url, mode);
        let this = Self {
            app: source.secret("DATABASE_URL", endpoint),
            control: source.secret("DATABASE_CONTROL_URL", endpoint),
            worker: source.secret("DATABASE_WORKER_URL", endpoint),
            owner: source.secret("DATABASE_OWNER_URL", endpoint),
            connections: source.or("DATABASE_CONNECTIONS", "16", |text| match text.parse() {
                Ok(connections @ 1..=1000) => Ok(connections),
                _ => Err("must be a number from 1 to 1000".to_owned()),
            }),
        };
        // A variable of the tests alone: checked and listed like the others, and not kept.
        source.secret("POOLER_URL", endpoint);
        this
    }

    /// Whether no database is named at all.
    pub(crate) fn is_unnamed(&self) -> bool {
        [&self.app, &self.control, &self.worker, &self.owner].into_iter().all(Option::is_none)
    }
}

/// In production a server elsewhere is reached over TLS unless its string says otherwise.
fn endpoint(url: &str, mode: Mode) -> Result<Endpoint, Refusal> {
    let parsed = match mode {
        Mode::Production => Endpoint::parse(url),
        Mode::Local => Endpoint::parse_trusting(url),
    };
    parsed.map_err(|_| {
        "must be a Postgres connection string with a user: postgres://user@host/database".to_owned()
    })
}
