//! Keys of a developer's machine: made once, kept beside the data that they protect.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ouvira_common::{
    entropy::{OsEntropy, random_bytes},
    sealing::WrappingKeys,
    secret::Secret,
};

use super::PlatformError;

const FILE: &str = "keys";

/// The keys in `dir`; new ones when there are none. Two lines: what `ENCRYPTION_KEYS` and `SECRET_KEY` would hold.
pub(super) fn read_or_make(dir: &Path) -> Result<(WrappingKeys, Secret), PlatformError> {
    let path = dir.join(FILE);
    let failed = |source| PlatformError::Keys { path: path.display().to_string(), source };
    fs::create_dir_all(dir).map_err(failed)?;
    let made = format!("local:{}\n{}\n", random_text(), random_text());
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(mut file) => file.write_all(made.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(error)),
    }
    let text = fs::read_to_string(&path).map_err(failed)?;
    let mut lines = text.lines();
    let wrapping = lines.next().and_then(|line| WrappingKeys::parse(line).ok());
    let secret = lines.next().filter(|line| line.len() >= 32).map(Secret::new);
    wrapping.zip(secret).ok_or_else(|| PlatformError::BrokenKeys(path.display().to_string()))
}

fn random_text() -> String {
    STANDARD.encode(random_bytes::<32>(&OsEntropy))
}
