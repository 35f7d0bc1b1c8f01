//! Where checkpoints of the record are kept beside the database, as it is configured.

use std::{path::PathBuf, sync::Arc};

use ouvira_audit::installation::{
    BucketAddress, CheckpointBucket, CheckpointDirectory, CheckpointStore, KeepError,
};

use crate::config::{Config, Mode};

/// The place of `AUDIT_CHECKPOINT_S3_URL` or `AUDIT_CHECKPOINT_DIR`; in local mode a directory in `DATA_DIR` unless one is named.
/// `None` when checkpoints are kept in the database alone.
pub(crate) fn outside(config: &Config) -> Result<Option<Arc<dyn CheckpointStore>>, KeepError> {
    if let Some(address) = &config.sealing.bucket {
        return bucket(config, address).map(Some);
    }
    let local = || (config.mode == Mode::Local).then(|| config.data_dir.join("checkpoints"));
    Ok(config.sealing.directory.clone().or_else(local).map(directory))
}

/// That directory.
pub(crate) fn directory(path: PathBuf) -> Arc<dyn CheckpointStore> {
    Arc::new(CheckpointDirectory::new(path))
}

/// The bucket of that address, reached as `AUDIT_CHECKPOINT_S3_*` say.
pub(crate) fn bucket(
    config: &Config,
    address: &BucketAddress,
) -> Result<Arc<dyn CheckpointStore>, KeepError> {
    Ok(Arc::new(CheckpointBucket::new(address, &config.sealing.access)?))
}
