use std::fs::{self, DirBuilder, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{self as unix, DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, User};

use crate::error::StartError;

/// Whom Postgres runs as when we are root. It refuses to be root itself.
pub(crate) struct Account {
    name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl Account {
    /// `None` when we are not root: the server is then one of our own processes.
    ///
    /// A cluster that exists keeps its owner, whom Postgres insists on. So a cluster made by an ordinary user stays
    /// theirs when root has started it once.
    pub(crate) fn for_server(cluster: &Path) -> Result<Option<Self>, StartError> {
        if !Uid::effective().is_root() {
            return Ok(None);
        }
        if let Ok(owned) = fs::metadata(cluster)
            && owned.uid() != 0
        {
            let name = User::from_uid(owned.uid().into()).ok().flatten().map(|user| user.name);
            let name = name.unwrap_or_else(|| format!("user {}", owned.uid()));
            return Ok(Some(Self { name, uid: owned.uid(), gid: owned.gid() }));
        }
        let user = ["postgres", "nobody"].iter().find_map(|name| User::from_name(name).ok().flatten());
        let user = user.ok_or(StartError::NoAccount)?;
        Ok(Some(Self { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw() }))
    }

    /// Postgres' own message about a closed directory names the wrong one, and too late; this names the right one.
    pub(crate) fn check_reaches<const N: usize>(&self, targets: [&Path; N]) -> Result<(), StartError> {
        for target in targets {
            let target = fs::canonicalize(target).map_err(StartError::io("find", target))?;
            if let Some(directory) = self.first_closed(&target)? {
                return Err(StartError::Unreachable { directory, target, account: self.name.clone() });
            }
        }
        Ok(())
    }

    fn first_closed(&self, target: &Path) -> Result<Option<PathBuf>, StartError> {
        let mut from_root: Vec<_> = target.ancestors().collect();
        from_root.reverse();
        for directory in from_root {
            let metadata = fs::metadata(directory).map_err(StartError::io("look at", directory))?;
            if !self.may_enter(&metadata) {
                return Ok(Some(directory.to_owned()));
            }
        }
        Ok(None)
    }

    fn may_enter(&self, directory: &Metadata) -> bool {
        let search = match directory {
            owned if owned.uid() == self.uid => 0o100,
            shared if shared.gid() == self.gid => 0o010,
            _ => 0o001,
        };
        directory.mode() & search != 0
    }
}

/// Makes `path` a directory that only the server's account (and root) can enter.
///
/// It may exist: from an earlier start, or because somebody guessed its name in the temporary directory. The latter
/// is an error.
pub(crate) fn make_private_dir(path: &Path, account: Option<&Account>) -> Result<(), StartError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
    .map_err(StartError::io("make the directory", path))?;

    let found = fs::symlink_metadata(path).map_err(StartError::io("look at", path))?;
    let ours =
        found.uid() == Uid::effective().as_raw() || account.is_some_and(|account| account.uid == found.uid());
    if !found.is_dir() || !ours {
        let error = io::Error::new(io::ErrorKind::AlreadyExists, "it exists and belongs to somebody else");
        return Err(StartError::io("use", path)(error));
    }
    fs::set_permissions(path, Permissions::from_mode(0o700))
        .map_err(StartError::io("change the mode of", path))?;
    match account {
        Some(Account { uid, gid, .. }) => {
            unix::chown(path, Some(*uid), Some(*gid)).map_err(StartError::io("change the owner of", path))
        }
        None => Ok(()),
    }
}
