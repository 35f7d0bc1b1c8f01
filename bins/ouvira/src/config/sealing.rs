//! Where signed checkpoints of the record go.

use std::path::PathBuf;

use super::{WebAddress, source::Source};

/// Sealing of the logs.
#[derive(Debug)]
pub(crate) struct SealingConfig {
    /// `AUDIT_CHECKPOINT_DIR`: where signed checkpoints are kept beside the database.
    pub(crate) directory: Option<PathBuf>,
}

impl SealingConfig {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        Self { directory: source.optional("AUDIT_CHECKPOINT_DIR", |text| Ok(PathBuf::from(text))) }
    }
}

/// What the tree of this installation calls itself (C2SP tlog-checkpoint: an address without its scheme).
pub(crate) fn log_origin(public_url: &WebAddress) -> String {
    let address = public_url.as_str();
    let bare = address.split_once("://").map_or(address, |(_, bare)| bare);
    format!("{}/audit", bare.replace('+', "-"))
}
