use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::unistd::Uid;

use crate::EmbeddedPostgres;
use crate::child::POLL;
use crate::error::StartError;

/// The directory of one server: the cluster and what we keep beside it.
///
/// It belongs to us, the directories in it to the server's account. So root never writes where an unprivileged
/// account could have left a symbolic link.
#[derive(Clone)]
pub(crate) struct DataDir(PathBuf);

impl DataDir {
    /// Makes it if it does not exist. One that does is left as it is: it may hold other things.
    pub(crate) fn open(path: &Path) -> Result<Self, StartError> {
        if !path.exists() {
            // As root, another account has to pass through.
            let mode = if Uid::effective().is_root() { 0o711 } else { 0o700 };
            DirBuilder::new()
                .recursive(true)
                .mode(mode)
                .create(path)
                .and_then(|()| fs::set_permissions(path, Permissions::from_mode(mode)))
                .map_err(StartError::io("make the directory", path))?;
        }
        fs::canonicalize(path).map(Self).map_err(StartError::io("find", path))
    }

    pub(crate) fn existing(path: &Path) -> Option<Self> {
        fs::canonicalize(path).ok().map(Self)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.0
    }

    /// `PGDATA`.
    pub(crate) fn cluster(&self) -> PathBuf {
        self.0.join("data")
    }

    /// Where a cluster is made before it is renamed.
    pub(crate) fn unfinished_cluster(&self) -> PathBuf {
        self.0.join("data.new")
    }

    /// The major version that made the cluster.
    pub(crate) fn cluster_version(&self) -> Option<u16> {
        fs::read_to_string(self.cluster().join("PG_VERSION")).ok()?.trim().parse().ok()
    }

    /// Held until the file is closed, by us or by the kernel when we are gone.
    ///
    /// Another holder is given `patience` to get its server ready, so that the caller can use that one.
    pub(crate) fn lock(&self, patience: Duration) -> Result<File, StartError> {
        let path = self.0.join("lock");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(&path).map_err(StartError::io("open", &path))?;
        let since = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(StartError::io("lock", &path)(error)),
            }
            if let Some(endpoint) = EmbeddedPostgres::running(&self.0) {
                return Err(StartError::AlreadyRunning { data_dir: self.0.clone(), endpoint });
            }
            if since.elapsed() > patience {
                return Err(StartError::Busy { data_dir: self.0.clone(), waited: patience });
            }
            sleep(POLL);
        }
    }

    fn log_path(&self) -> PathBuf {
        self.0.join("postgres.log")
    }

    /// Begins a new log and keeps the one before, which may say why we are being started again.
    pub(crate) fn rotate_log(&self) -> Result<(), StartError> {
        let path = self.log_path();
        match fs::rename(&path, self.0.join("postgres.log.1")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(StartError::io("rename", &path)(error))
            }
            _ => create(&path, 0o600).map(drop),
        }
    }

    /// The log, to give to a child as its output.
    pub(crate) fn log(&self) -> Result<File, StartError> {
        let path = self.log_path();
        OpenOptions::new().append(true).open(&path).map_err(StartError::io("open", &path))
    }

    /// The last lines of the log, for an error's text.
    pub(crate) fn log_tail(&self) -> String {
        let log = fs::read(self.log_path()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Who may log in. Postgres takes the first line that matches, and refuses when none does.
    pub(crate) fn write_pg_hba(&self, login_roles: &[String]) -> Result<PathBuf, StartError> {
        let path = self.0.join("pg_hba.conf");
        let _ = fs::remove_file(&path);
        // Readable for the server's account, to whom nothing here is new.
        let mut file = create(&path, 0o644)?;
        let mut write = || {
            writeln!(file, "# Written at each start. Why trust: README of ouvira-embedded-postgres.")?;
            for role in login_roles {
                writeln!(file, "local all \"{role}\" trust")?;
            }
            writeln!(file, "local all all reject")
        };
        write().map_err(StartError::io("write", &path))?;
        Ok(path)
    }
}

/// A new file with exactly this mode, whatever the umask.
fn create(path: &Path, mode: u32) -> Result<File, StartError> {
    let file = OpenOptions::new().append(true).create_new(true).mode(mode).open(path);
    file.and_then(|file| file.set_permissions(Permissions::from_mode(mode)).map(|()| file))
        .map_err(StartError::io("create", path))
}
