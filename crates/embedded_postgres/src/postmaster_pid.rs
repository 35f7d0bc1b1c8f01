use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::child::POLL;
use crate::data_dir::DataDir;
use crate::endpoint::Endpoint;
use crate::error::StartError;
use crate::server::FAST_SHUTDOWN;

/// What a server tells of itself in its cluster (Postgres' `pidfile.h`). After a crash, it tells of a dead one.
pub(crate) struct PostmasterPid {
    pid: Pid,
    lines: Vec<String>,
}

impl PostmasterPid {
    /// `None` if there is none, or it is just being written.
    pub(crate) fn read(cluster: &Path) -> Option<Self> {
        let text = fs::read_to_string(path(cluster)).ok()?;
        let lines: Vec<_> = text.lines().map(str::to_owned).collect();
        // 0 and negative numbers are groups of processes to kill(2).
        let pid = lines.first()?.trim().parse().ok().filter(|&pid| pid > 0).map(Pid::from_raw)?;
        Some(Self { pid, lines })
    }

    pub(crate) fn is_of(&self, pid: u32) -> bool {
        u32::try_from(self.pid.as_raw()) == Ok(pid)
    }

    /// Whether the server takes connections: line 8, as `pg_ctl` reads it.
    pub(crate) fn is_ready(&self) -> bool {
        self.lines.get(7).is_some_and(|status| status.trim() == "ready")
    }

    /// Lines 4 and 5.
    pub(crate) fn endpoint(&self) -> Option<Endpoint> {
        let port = self.lines.get(3)?.trim().parse().ok()?;
        let socket_dir = self.lines.get(4).filter(|dir| !dir.is_empty())?;
        Some(Endpoint::new(PathBuf::from(socket_dir), port))
    }

    /// Whether the process exists and is this cluster's server. In a container numbers are small and soon used again.
    pub(crate) fn is_alive(&self, cluster: &Path) -> bool {
        if cfg!(target_os = "linux") {
            // A server works in its cluster's directory. Who can read this file can read that link.
            fs::read_link(format!("/proc/{}/cwd", self.pid)).is_ok_and(|cwd| cwd == cluster)
        } else {
            let socket = self.endpoint().map(|at| at.socket_dir().join(format!(".s.PGSQL.{}", at.port())));
            let listens = |path| std::os::unix::net::UnixStream::connect(path).is_ok();
            kill(self.pid, None) != Err(nix::errno::Errno::ESRCH) && socket.is_some_and(listens)
        }
    }

    /// Ends a server whose starter is gone, fast, and if that takes too long at once. Says whether it is gone.
    fn end(&self, cluster: &Path) -> bool {
        for signal in [Signal::SIGINT, Signal::SIGQUIT] {
            let _ = kill(self.pid, signal); // It may have ended by itself meanwhile.
            let since = Instant::now();
            while since.elapsed() < FAST_SHUTDOWN {
                if !self.is_alive(cluster) {
                    return true;
                }
                sleep(POLL);
            }
        }
        false
    }
}

fn path(cluster: &Path) -> PathBuf {
    cluster.join("postmaster.pid")
}

/// Makes way for a new server. To be called with the lock held: a server that still runs has lost its starter then.
///
/// What a dead one left is removed, since Postgres takes any live process with that number for a server. It is not
/// the only guard: Postgres also looks for processes that still use the cluster's shared memory.
pub(crate) fn clear(dir: &DataDir) -> Result<(), StartError> {
    let cluster = dir.cluster();
    if let Some(file) = PostmasterPid::read(&cluster).filter(|file| file.is_alive(&cluster)) {
        tracing::warn!(pid = file.pid.as_raw(), "ending a Postgres whose starter is gone");
        if !file.end(&cluster) {
            return Err(StartError::Busy { data_dir: dir.root().to_owned(), waited: 2 * FAST_SHUTDOWN });
        }
    }
    let path = path(&cluster);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StartError::io("remove", &path)(error)),
        _ => Ok(()),
    }
}
