#![doc = include_str!("../README.md")]

mod account;
mod child;
mod data_dir;
mod endpoint;
mod error;
mod initialize;
mod installation;
mod options;
mod postmaster_pid;
mod server;
mod socket_dir;

use std::fs::{self, File};
use std::path::Path;

pub use crate::endpoint::Endpoint;
pub use crate::error::StartError;
pub use crate::options::Options;

use crate::account::Account;
use crate::child::Setup;
use crate::data_dir::DataDir;
use crate::installation::Installation;
use crate::postmaster_pid::PostmasterPid;
use crate::server::Server;

/// A running Postgres that ends when this value is dropped, or its process ends.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    endpoint: Endpoint,
    server: Server,
    /// Let go of after `Drop` has ended the server.
    _lock: File,
}

impl EmbeddedPostgres {
    /// Starts the server and waits until it takes connections; makes the database cluster first if there is none.
    ///
    /// Blocks: about a second the first time, a tenth of one afterwards, longer after a crash of the machine.
    pub fn start(options: &Options) -> Result<Self, StartError> {
        options.check()?;
        let dir = DataDir::open(&options.data_dir)?;
        let lock = dir.lock(options.start_timeout)?;
        let account = Account::for_server(&dir.cluster())?;
        let installation = Installation::find(options.bin_dir.as_deref(), dir.cluster_version())?;
        let socket_dir = socket_dir::choose(dir.root());
        if let Some(account) = &account {
            let beside_socket = socket_dir.parent().unwrap_or(dir.root());
            account.check_reaches([dir.root(), &installation.bin_dir, beside_socket])?;
        }
        let setup = Setup { options, dir, installation, account };

        postmaster_pid::clear(&setup.dir)?;
        setup.dir.rotate_log()?;
        if !setup.dir.cluster().exists() {
            tracing::info!(data_dir = %setup.dir.root().display(), "making a database cluster");
            initialize::initialize(&setup)?;
        }
        account::make_private_dir(&socket_dir, setup.account.as_ref())?;
        let endpoint = Endpoint::new(socket_dir, Endpoint::PORT);
        let command = server::command(&setup, &endpoint)?;
        let server = Server::start(command, setup.dir.clone(), options.start_timeout)?;
        tracing::debug!(?endpoint, major = setup.installation.major, "Postgres is ready");
        Ok(Self { endpoint, server, _lock: lock })
    }

    /// The server that some process, this or another one, runs on `data_dir`; `None` if there is none, or none that
    /// takes connections yet.
    pub fn running(data_dir: impl AsRef<Path>) -> Option<Endpoint> {
        let cluster = DataDir::existing(data_dir.as_ref())?.cluster();
        PostmasterPid::read(&cluster).filter(|file| file.is_ready() && file.is_alive(&cluster))?.endpoint()
    }

    /// Where to connect.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// [`Endpoint::url`] of this server.
    pub fn url(&self, role: &str, database: &str) -> String {
        self.endpoint.url(role, database)
    }

    /// Ends the server: open transactions are rolled back, a checkpoint is written. Returns when it is gone.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for EmbeddedPostgres {
    fn drop(&mut self) {
        self.server.stop();
        // Tidiness only: the directory of a long path lies in the temporary directory, where it would pile up.
        let _ = fs::remove_dir(self.endpoint.socket_dir());
    }
}
