use std::env;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::endpoint::Endpoint;

/// The length of a socket's path without its final NUL: 103 bytes on macOS, 107 on Linux.
const LONGEST: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// `run` in the data directory, or a short name for it in the temporary directory.
///
/// A hash of the path, so that one data directory does not leave a new directory behind at each start. It need not be
/// the same in another build of this program: who looks for a running server reads `postmaster.pid`.
pub(crate) fn choose(data_dir: &Path) -> PathBuf {
    let near = data_dir.join("run");
    let socket = near.join(format!(".s.PGSQL.{}", Endpoint::PORT));
    let socket = socket.as_os_str().as_bytes();
    // Clients and the server alike take a directory with a comma for two.
    if socket.len() <= LONGEST && !socket.contains(&b',') {
        return near;
    }
    let mut hasher = DefaultHasher::new();
    data_dir.hash(&mut hasher);
    env::temp_dir().join(format!("ouvira-pg-{:016x}", hasher.finish()))
}
