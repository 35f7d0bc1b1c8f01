//! Keeping checkpoints where who can change the database cannot.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use tokio::task::spawn_blocking;

use super::NoteVerifier;

/// What is kept, by name: the key that checkpoints can be checked with.
pub(super) const VERIFIER: &str = "verifier";
/// The newest checkpoint.
pub(super) const NEWEST: &str = "checkpoint";

/// The checkpoint of that size: in twenty digits, so that names are in the order of sizes.
pub(super) fn name_of(size: u64) -> String {
    format!("checkpoints/{size:020}")
}

/// The place outside cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the place for checkpoints cannot be used: {0}")]
pub struct KeepError(pub String);

impl From<io::Error> for KeepError {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

/// A checkpoint as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The signed checkpoint.
    pub note: String,
    /// The key beside it; `None` when there is none.
    pub verifier: Option<NoteVerifier>,
}

impl Kept {
    /// A checkpoint, and the text of the key beside it.
    pub(super) fn new(note: String, verifier: Option<&str>) -> Result<Self, KeepError> {
        let verifier = verifier.map(NoteVerifier::parse).transpose();
        let verifier = verifier.map_err(|error| KeepError(format!("{VERIFIER}: {error}")))?;
        Ok(Self { note, verifier })
    }
}

/// A place outside of the database: a directory, an object store.
#[async_trait]
pub trait CheckpointStore: Send + Sync {
    /// Keeps the signed checkpoint of that size, and the key it can be checked with.
    async fn keep(&self, size: u64, note: &str, verifier: &NoteVerifier) -> Result<(), KeepError>;

    /// The checkpoint of that size, the newest unless one is named; `None` when it was not kept.
    async fn find(&self, size: Option<u64>) -> Result<Option<Kept>, KeepError>;

    /// Whether the place can be reached, whatever is there: one small read. Asked in rounds that have nothing to keep.
    async fn probe(&self) -> Result<(), KeepError>;
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
        fs::create_dir_all(self.0.join("checkpoints"))?;
        // The newest last: it names nothing that is not there.
        self.put(VERIFIER, &format!("{verifier}\n"))?;
        self.put(&name_of(size), note)?;
        self.put(NEWEST, note)
    }

    /// Writes a file so that whoever reads it finds the old text or the new, whole.
    fn put(&self, name: &str, text: &str) -> io::Result<()> {
        let part = self.0.join(".part");
        fs::write(&part, text)?;
        fs::File::open(&part)?.sync_all()?;
        fs::rename(&part, self.0.join(name))
    }

    fn read(&self, name: &str) -> io::Result<Option<String>> {
        match fs::read_to_string(self.0.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }
}

#[async_trait]
impl CheckpointStore for CheckpointDirectory {
    async fn keep(&self, size: u64, note: &str, verifier: &NoteVerifier) -> Result<(), KeepError> {
        let (this, note, verifier) = (self.clone(), note.to_owned(), verifier.clone());
        beside_the_loop(move || Ok(this.write(size, &note, &verifier)?)).await
    }

    async fn find(&self, size: Option<u64>) -> Result<Option<Kept>, KeepError> {
        let (this, name) = (self.clone(), size.map_or_else(|| NEWEST.to_owned(), name_of));
        beside_the_loop(move || {
            let Some(note) = this.read(&name)? else { return Ok(None) };
            Kept::new(note, this.read(VERIFIER)?.as_deref()).map(Some)
        })
        .await
    }

    async fn probe(&self) -> Result<(), KeepError> {
        let this = self.clone();
        beside_the_loop(move || {
            // Before the first checkpoint, what it will be made in.
            let above = this.0.parent().filter(|above| *above != Path::new("")).unwrap_or(Path::new("."));
            let place = if this.0.exists() { &this.0 } else { above };
            if fs::metadata(place)?.is_dir() {
                Ok(())
            } else {
                Err(KeepError(format!("{} is no directory", place.display())))
            }
        })
        .await
    }
}

/// Files make their readers wait; the event loop does not.
async fn beside_the_loop<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, KeepError> + Send + 'static,
) -> Result<T, KeepError> {
    spawn_blocking(work).await.map_err(|error| KeepError(error.to_string()))?
}

/// Nowhere: the checkpoints in the database are the only ones.
#[derive(Debug, Clone, Copy)]
pub struct Nowhere;

#[async_trait]
impl CheckpointStore for Nowhere {
    async fn keep(&self, _: u64, _: &str, _: &NoteVerifier) -> Result<(), KeepError> {
        Ok(())
    }

    async fn find(&self, _: Option<u64>) -> Result<Option<Kept>, KeepError> {
        Ok(None)
    }

    async fn probe(&self) -> Result<(), KeepError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::installation::NoteSigner;

    #[tokio::test]
    async fn a_directory_gives_back_what_it_was_given_and_says_when_it_cannot_be_used() {
        let above = tempfile::tempdir().unwrap();
        let directory = CheckpointDirectory::new(above.path().join("kept"));
        directory.probe().await.unwrap();
        assert_eq!(directory.find(None).await.unwrap(), None);

        let signer = NoteSigner::from_seed("example.com/log", &[7; 32]).unwrap();
        directory.keep(3, "three", &signer.verifier()).await.unwrap();
        directory.keep(12, "twelve", &signer.verifier()).await.unwrap();
        let kept = |note: &str| Some(Kept { note: note.to_owned(), verifier: Some(signer.verifier()) });
        assert_eq!(directory.find(None).await.unwrap(), kept("twelve"));
        assert_eq!(directory.find(Some(3)).await.unwrap(), kept("three"));
        assert_eq!(directory.find(Some(4)).await.unwrap(), None);
        directory.probe().await.unwrap();

        let nowhere = CheckpointDirectory::new(above.path().join("not/there"));
        nowhere.probe().await.unwrap_err();
        let file = above.path().join("file");
        fs::write(&file, "").unwrap();
        CheckpointDirectory::new(file).probe().await.unwrap_err();
    }
}
