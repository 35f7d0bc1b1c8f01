use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use crate::endpoint::Endpoint;

/// Why there is no server. The texts are for the person who ran the program: they say what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Neither `postgres` nor a place to get it from.
    #[error(
        "no Postgres server found in {looked_in}. Install Postgres 15 or newer:\n  \
         Debian, Ubuntu:  sudo apt install postgresql\n  \
         Fedora:          sudo dnf install postgresql-server\n  \
         macOS:           brew install postgresql@17\n\
         or set DATABASE_URL to a Postgres that runs already"
    )]
    NotInstalled {
        /// The places, for a reader.
        looked_in: String,
    },

    /// The newest server found is older than 15.
    #[error(
        "the Postgres in {} is version {major}, and 15 or newer is needed. Install a newer one beside it \
         (Debian, Ubuntu: https://apt.postgresql.org; Fedora: https://yum.postgresql.org; \
         macOS: brew install postgresql@17) or set DATABASE_URL to a Postgres that runs already", bin_dir.display()
    )]
    TooOld {
        /// Where it was found.
        bin_dir: PathBuf,
        /// Its major version.
        major: u16,
    },

    /// The cluster was made by another major version than those installed.
    #[error(
        "the data directory was made by Postgres {needed}, but the one found in {} is {found}. Install Postgres \
         {needed} too, or choose another DATA_DIR and move the data with pg_dump", bin_dir.display()
    )]
    OtherVersion {
        /// The major version in the cluster's `PG_VERSION`.
        needed: u16,
        /// Where the other one was found.
        bin_dir: PathBuf,
        /// Its major version.
        found: u16,
    },

    /// Another process has started a server on this data directory. It can be used through `endpoint`.
    #[error("a Postgres is already running on {} (socket in {})", data_dir.display(), endpoint.socket_dir().display())]
    AlreadyRunning {
        /// The data directory asked for.
        data_dir: PathBuf,
        /// Where to connect.
        endpoint: Endpoint,
    },

    /// Another process holds the data directory, and its server did not become ready while we waited.
    #[error("{} is held by another process whose Postgres did not get ready within {waited:?}", data_dir.display())]
    Busy {
        /// The data directory asked for.
        data_dir: PathBuf,
        /// How long we waited for it.
        waited: Duration,
    },

    /// We are root, Postgres is not, and it cannot get to its files.
    #[error(
        "Postgres runs as {account}, because it refuses to run as root, and {account} cannot enter {}, which is on \
         the way to {}. Set DATA_DIR to a directory elsewhere (such as /var/lib/ouvira), allow the passage \
         (chmod o+x {}), or run this program as another user than root",
        directory.display(), target.display(), directory.display()
    )]
    Unreachable {
        /// The first directory that cannot be entered.
        directory: PathBuf,
        /// What lies behind it.
        target: PathBuf,
        /// The account's name.
        account: String,
    },

    /// We are root, and there is no account to run Postgres with.
    #[error(
        "Postgres refuses to run as root, and there is neither a user postgres nor a user nobody; add one of them"
    )]
    NoAccount,

    /// A name in `login_roles` that cannot log in.
    #[error(
        "{0:?} cannot be a login role: it is the superuser, or has other characters than letters, digits, _ and -"
    )]
    LoginRole(String),

    /// A program of Postgres ended by itself.
    #[error("{program} ended before its work was done ({status}). The last it printed:\n{log}")]
    Exited {
        /// Which one.
        program: &'static str,
        /// How.
        status: ExitStatus,
        /// The last lines of its log.
        log: String,
    },

    /// The server did not become ready in time, and was ended.
    #[error("Postgres did not get ready within {waited:?}. The last it printed:\n{log}")]
    TimedOut {
        /// How long we waited.
        waited: Duration,
        /// The last lines of its log.
        log: String,
    },

    /// The operating system refused something.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// The verb.
        action: &'static str,
        /// Its object.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
}

impl StartError {
    /// For `map_err`: names what was done to what.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }
}
