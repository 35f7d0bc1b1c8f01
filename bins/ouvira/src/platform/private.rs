//! The private Postgres of a developer's machine, in `DATA_DIR/postgres`.

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use ouvira_embedded_postgres::{EmbeddedPostgres, Endpoint, Options, StartError};
use ouvira_tenancy::{LOGIN_ROLES, bootstrap_statements};

use super::PlatformError;

/// Where the data goes when `DATA_DIR` is below a directory that only root may enter, such as `/root`.
const ELSEWHERE: &str = "/var/lib/ouvira";

/// Joins the server that runs on `data_dir`, or starts one, which then is ours.
pub(super) fn open(data_dir: &Path) -> Result<(Endpoint, Option<EmbeddedPostgres>), PlatformError> {
    let dir = data_dir.join("postgres");
    if let Some(endpoint) = EmbeddedPostgres::running(&dir) {
        return Ok((endpoint, None));
    }
    match start(&dir) {
        Err(StartError::AlreadyRunning { endpoint, .. }) => Ok((endpoint, None)),
        Err(unreachable @ StartError::Unreachable { .. }) => match move_out(&dir) {
            Some(()) => Ok(ours(start(&dir)?)),
            None => Err(unreachable.into()),
        },
        started => Ok(ours(started?)),
    }
}

fn ours(server: EmbeddedPostgres) -> (Endpoint, Option<EmbeddedPostgres>) {
    (server.endpoint().clone(), Some(server))
}

fn start(dir: &Path) -> Result<EmbeddedPostgres, StartError> {
    let mut options = Options::new(dir);
    options.bootstrap_sql = bootstrap_statements();
    options.login_roles = LOGIN_ROLES.map(str::to_owned).to_vec();
    options.max_connections = 200;
    EmbeddedPostgres::start(&options)
}

/// As root the server runs under another account, which cannot enter root's home. Then the data goes to a directory that
/// it can enter, and `dir` becomes a link to there. Only while nothing is in it yet; `None` when that cannot be done.
fn move_out(dir: &Path) -> Option<()> {
    let mut hasher = DefaultHasher::new();
    fs::canonicalize(dir).ok()?.hash(&mut hasher);
    let target = PathBuf::from(ELSEWHERE).join(format!("{:016x}", hasher.finish()));
    if dir.join("data").exists() {
        return None;
    }
    fs::create_dir_all(&target).ok()?;
    fs::remove_dir_all(dir).ok()?;
    symlink(&target, dir).ok()?;
    tracing::info!(data = %target.display(), link = %dir.display(), "the database's account cannot enter DATA_DIR; its files are kept elsewhere");
    Some(())
}
