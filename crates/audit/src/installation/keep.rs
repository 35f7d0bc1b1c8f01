//! Keeping checkpoints where who can change the database cannot.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use async_trait::async_trait;

use super::NoteVerifier;

/// A checkpoint was not kept.
#[derive(Debug, thiserror::Error)]
#[error("the checkpoint was not kept: {0}")]
pub struct KeepError(pub String);

impl From<io::Error> for KeepError {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

/// A place outside of the database: a directory, an object store.
#[async_trait]
pub trait CheckpointStore: Send + Sync {
    /// Keeps the signed checkpoint of that size, and the key it can be checked with.
    async fn keep(&self, size: u64, note: &str, verifier: &NoteVerifier) -> Result<(), KeepError>;
}

/// A directory: `checkpoint` is the newest, `checkpoints/<size>` every one, `verifier` the key they can be checked with.
#[derive(Debug, Clone)]
pub struct CheckpointDirectory(PathBuf);

impl CheckpointDirectory {
    /// Keeps in that directory, which is made when the first checkpoint comes.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    fn write(&self, size: u64, note: &str, verifier: &NoteVerifier) -> io::Result<()> {
        let all = self.0.join("checkpoints");
        fs::create_dir_all(&all)?;
        // The newest last: it names nothing that is not there.
        put(&self.0, &self.0.join("verifier"), &format!("{verifier}\n"))?;
        put(&self.0, &all.join(format!("{size:020}")), note)?;
        put(&self.0, &self.0.join("checkpoint"), note)
    }
}

/// Writes a file so that whoever reads it finds the old text or the new, whole.
fn put(directory: &Path, path: &Path, text: &str) -> io::Result<()> {
    let part = directory.join(".part");
    fs::write(&part, text)?;
    fs::File::open(&part)?.sync_all()?;
    fs::rename(&part, path)
}

#[async_trait]
impl CheckpointStore for CheckpointDirectory {
    async fn keep(&self, size: u64, note: &str, verifier: &NoteVerifier) -> Result<(), KeepError> {
        let (this, note, verifier) = (self.clone(), note.to_owned(), verifier.clone());
        let written = tokio::task::spawn_blocking(move || this.write(size, &note, &verifier)).await;
        written.map_err(|error| KeepError(error.to_string()))?.map_err(KeepError::from)
    }
}

/// Nowhere: the checkpoints in the database are the only ones.
#[derive(Debug, Clone, Copy)]
pub struct Nowhere;

#[async_trait]
impl CheckpointStore for Nowhere {
    async fn keep(&self, _: u64, _: &str, _: &NoteVerifier) -> Result<(), KeepError> {
        Ok(())
    }
}
