//! The tree of the installation: its leaves are the roots of the tenants' trees, its checkpoints are signed and kept
//! outside of the database too. Whoever holds one can tell whether anything that it covers was changed or removed.

mod append;
#[cfg(feature = "s3")]
mod bucket;
mod checkpoint;
mod keep;
mod key;
mod note;
mod store;
mod turn;
mod verify;

pub use append::{Appended, Entry, InstallationLog};
#[cfg(feature = "s3")]
pub use bucket::{BucketAccess, BucketAddress, BucketCredentials, CheckpointBucket, InvalidBucket};
pub use checkpoint::{open_checkpoint, parse_checkpoint};
pub use keep::{CheckpointDirectory, CheckpointStore, KeepError, Kept, Nowhere};
pub use note::{NoteError, NoteSigner, NoteVerifier};
pub(crate) use turn::Turn;
pub use verify::{InstallationFault, InstallationReport, Outside};

use ouvira_common::{db::DbError, id::TenantId};

use crate::{
    merkle::{Hash, leaf_hash},
    seal::TreeHead,
};

/// The installation's tree cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum InstallationError {
    /// The signing key does not open with the deployment's keys, or is none.
    #[error("the key that signs checkpoints cannot be used")]
    Key,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<diesel::result::Error> for InstallationError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}

/// The hash of a leaf of the installation's tree. Its data are 57 bytes: version 1, the tenant, the size of its tree
/// (big-endian), its root.
pub fn installation_leaf(tenant: TenantId, head: &TreeHead) -> Hash {
    let mut data = vec![1];
    data.extend_from_slice(tenant.0.as_bytes());
    data.extend_from_slice(&head.size.to_be_bytes());
    data.extend_from_slice(&head.root);
    leaf_hash(&data)
}
