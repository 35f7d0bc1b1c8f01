//! A directory for each test, and how to ask the server something.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ouvira_embedded_postgres::{EmbeddedPostgres, Options};
use postgres::{Client, NoTls};
use tempfile::TempDir;

/// A directory that the server's account may pass through when the tests run as root.
pub(crate) fn scratch() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
    dir
}

/// A role `app` with a database `app`, as fast as it gets.
pub(crate) fn options(scratch: &TempDir) -> Options {
    let mut options = Options::new(data_dir(scratch));
    options.bootstrap_sql = vec!["CREATE ROLE app LOGIN".into(), "CREATE DATABASE app OWNER app".into()];
    options.login_roles = vec!["app".into()];
    options.durable = false;
    options
}

pub(crate) fn data_dir(scratch: &TempDir) -> PathBuf {
    scratch.path().join("postgres")
}

pub(crate) fn connect(url: &str) -> Client {
    Client::connect(url, NoTls).unwrap()
}

pub(crate) fn ask(server: &EmbeddedPostgres, question: &str) -> String {
    connect(&server.url("app", "app")).query_one(question, &[]).unwrap().get(0)
}

pub(crate) fn postmaster_pid(data_dir: &Path) -> PathBuf {
    data_dir.join("data/postmaster.pid")
}

/// For what another process does.
pub(crate) fn eventually(outcome: &str, holds: impl Fn() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < Duration::from_secs(20), "never: {outcome}");
        sleep(Duration::from_millis(5));
    }
}
