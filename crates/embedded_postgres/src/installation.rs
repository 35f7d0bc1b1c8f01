use std::cmp::Reverse;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::StartError;

/// The oldest version whose `initdb` and defaults we rely on.
const OLDEST: u16 = 15;

/// The programs of one Postgres version.
pub(crate) struct Installation {
    pub(crate) bin_dir: PathBuf,
    pub(crate) major: u16,
}

impl Installation {
    /// The first one that will do: in `given` alone if there is one, else anywhere on this machine.
    ///
    /// `needed` is the version of the cluster that exists already. No other can open it.
    pub(crate) fn find(given: Option<&Path>, needed: Option<u16>) -> Result<Self, StartError> {
        let candidates = given.map_or_else(usual_places, |dir| vec![dir.to_owned()]);
        let mut unfit: Option<Self> = None;
        for installation in candidates.into_iter().filter_map(Self::at) {
            if installation.major >= OLDEST && needed.is_none_or(|needed| needed == installation.major) {
                return Ok(installation);
            }
            if unfit.as_ref().is_none_or(|best| best.major < installation.major) {
                unfit = Some(installation);
            }
        }
        Err(match (unfit, needed) {
            (Some(Self { bin_dir, major }), Some(needed)) if major >= OLDEST => {
                StartError::OtherVersion { needed, bin_dir, found: major }
            }
            (Some(Self { bin_dir, major }), _) => StartError::TooOld { bin_dir, major },
            (None, _) => {
                let everywhere = || "PATH and the usual places".to_owned();
                StartError::NotInstalled {
                    looked_in: given.map_or_else(everywhere, |dir| dir.display().to_string()),
                }
            }
        })
    }

    /// Asks the server itself: a directory named 15 may hold no more than the client programs.
    fn at(bin_dir: PathBuf) -> Option<Self> {
        let bin_dir = fs::canonicalize(bin_dir).ok()?;
        if !bin_dir.join("initdb").exists() {
            return None;
        }
        let answer = Command::new(bin_dir.join("postgres")).arg("--version").output().ok()?;
        let major = major_version(&String::from_utf8_lossy(&answer.stdout))?;
        Some(Self { bin_dir, major })
    }
}

/// `postgres (PostgreSQL) 15.14 (Debian …)` and `postgres (PostgreSQL) 18beta1` to the first number.
fn major_version(answer: &str) -> Option<u16> {
    let version = answer.split_once("(PostgreSQL) ")?.1;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// What the caller's shell would run comes first, then what only packages know of, newest first.
fn usual_places() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<_> = env::split_paths(&path).filter(|dir| dir.join("postgres").exists()).collect();
    places.extend(pg_config_bindir());
    places.extend(versions("/usr/lib/postgresql", "", "bin")); // Debian, Ubuntu
    places.extend(versions("/usr", "pgsql-", "bin")); // packages of yum.postgresql.org
    places.extend(
        ["/usr/local/pgsql/bin", "/usr/lib/postgresql/bin", "/usr/libexec/postgresql"].map(PathBuf::from),
    );
    places.extend(versions("/opt/homebrew/opt", "postgresql@", "bin"));
    places.extend(versions("/usr/local/opt", "postgresql@", "bin"));
    places.extend(versions("/Applications/Postgres.app/Contents/Versions", "", "bin"));
    places
}

fn pg_config_bindir() -> Option<PathBuf> {
    let answer = Command::new("pg_config").arg("--bindir").output().ok()?;
    Some(PathBuf::from(OsStr::from_bytes(answer.stdout.trim_ascii_end())))
}

/// `parent/<prefix><number>/child` for every number there is, the highest first.
fn versions(parent: &str, prefix: &str, child: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    let mut found: Vec<(u16, PathBuf)> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((version, entry.path().join(child)))
        })
        .collect();
    found.sort_by_key(|(version, _)| Reverse(*version));
    found.into_iter().map(|(_, path)| path).collect()
}

#[cfg(test)]
mod tests {
    use super::major_version;

    #[test]
    fn the_major_version_is_the_first_number() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major_version("postgres (PostgreSQL) 9.6.24\n"), Some(9));
        assert_eq!(major_version("sh: postgres: not found\n"), None);
    }
}
