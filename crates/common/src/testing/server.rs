//! One Postgres for the whole test process.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use diesel_async::AsyncPgConnection;
use ouvira_embedded_postgres::{EmbeddedPostgres, Options};

use crate::{
    db::{Endpoint, connect},
    migration::{CORE, Target, migrate},
};

/// The roles of the product, as an operator makes them.
const ROLES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/postgres/roles.sql"));

/// A private Postgres with the product's roles; ends with the process.
pub struct TestServer(EmbeddedPostgres);

impl TestServer {
    /// The process's server, started by whoever asks first.
    pub fn get() -> &'static Self {
        static SERVER: OnceLock<TestServer> = OnceLock::new();
        SERVER.get_or_init(Self::start)
    }

    fn start() -> Self {
        remove_leftovers();
        let mut options = Options::new(data_dir(std::process::id()));
        options.durable = false;
        options.max_connections = 400;
        options.bootstrap_sql = ROLES
            .split(";\n")
            .map(|statement| {
                statement
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("--"))
                    .collect::<Vec<_>>()
                    .join("\n")
            })
            .filter(|statement| !statement.trim().is_empty())
            .collect();
        options.login_roles =
            ["owner", "app", "worker", "control"].map(|role| format!("ouvira_{role}")).to_vec();
        Self(EmbeddedPostgres::start(&options).expect("tests need Postgres installed"))
    }

    /// A connection string for `role` (`app`, `owner`, …) to `database`.
    pub fn url(&self, role: &str, database: &str) -> String {
        self.0.url(&format!("ouvira_{role}"), database)
    }

    /// The same, parsed.
    pub fn endpoint(&self, role: &str, database: &str) -> Endpoint {
        let endpoint = Endpoint::parse(&self.url(role, database));
        endpoint.expect("our own connection string is well formed").unhurried()
    }

    /// The socket's directory and the port.
    pub(super) fn socket(&self) -> (PathBuf, u16) {
        (self.0.endpoint().socket_dir().to_owned(), self.0.endpoint().port())
    }

    /// A connection as the owner, to a database that has the gate.
    pub async fn owner(&self, database: &str) -> AsyncPgConnection {
        let mut conn = connect(&self.endpoint("owner", database), None).await.expect("the owner may connect");
        migrate(&mut conn, Target::Fixed { schema: "ouvira_core" }, CORE).await.expect("the core migrates");
        conn
    }
}

fn data_dir(process: u32) -> PathBuf {
    std::env::temp_dir().join(format!("ouvira-test-{process}"))
}

/// Removes directories of test processes that are no more.
fn remove_leftovers() {
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let process = name
            .to_str()
            .and_then(|name| name.strip_prefix("ouvira-test-"))
            .and_then(|id| id.parse::<u32>().ok());
        if process.is_some_and(|process| !Path::new(&format!("/proc/{process}")).exists()) {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}
