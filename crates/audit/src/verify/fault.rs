//! What can be wrong with a record. Whatever is found names the first row that it concerns.

use uuid::Uuid;

use crate::{installation::InstallationFault, seal::Log};

/// What is wrong with a tenant's record; the first thing that was found, in the order of the tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The tree of the installation is not what was signed.
    #[error(transparent)]
    Installation(#[from] InstallationFault),
    /// A row does not have the hashes that were sealed.
    #[error("{} row {row} was changed after it was sealed at position {position}", .log.as_str())]
    RowChanged {
        /// Its log.
        log: Log,
        /// The row.
        row: Uuid,
        /// Its place in the tree.
        position: u64,
    },
    /// A row is not there, and is not of an age at which it may be gone.
    #[error("{} row {row}, sealed at position {position}, was removed", .log.as_str())]
    RowRemoved {
        /// Its log.
        log: Log,
        /// The row.
        row: Uuid,
        /// Its place in the tree.
        position: u64,
    },
    /// A row stands among sealed ones and was not sealed with them.
    #[error("{} row {row} was inserted among rows that were sealed before", .log.as_str())]
    RowInserted {
        /// Its log.
        log: Log,
        /// The row.
        row: Uuid,
    },
    /// A leaf is not there.
    #[error("the leaf at position {0} was removed")]
    LeafRemoved(u64),
    /// A leaf's hash is not that of its row and place: it was changed, or stood elsewhere.
    #[error("the leaf at position {position}, of {} row {row}, was changed or moved", .log.as_str())]
    LeafChanged {
        /// Its place now.
        position: u64,
        /// The log of its row.
        log: Log,
        /// Its row.
        row: Uuid,
    },
    /// The leaves do not give the root of a checkpoint.
    #[error(
        "leaves were changed, inserted or reordered between positions {from} and {to}; the first of them is of row {row}"
    )]
    RootDiffers {
        /// The first leaf that it can be.
        from: u64,
        /// The last one.
        to: u64,
        /// The row of the first.
        row: Uuid,
    },
    /// A kept hash of an inner node is not that of its leaves.
    #[error("the tree's node {index} of level {level} was changed or removed")]
    NodeChanged {
        /// Its level.
        level: u8,
        /// Its place there.
        index: u64,
    },
    /// The installation's tree has another root for the tenant's tree of that size.
    #[error("the tree of {0} leaves is not the one in the tree of the installation")]
    WitnessDiffers(u64),
    /// What a checkpoint says of its place in the installation's tree does not hold.
    #[error("the checkpoint of {0} leaves is not signed as it says")]
    CheckpointForged(u64),
    /// The tree has fewer leaves, or ends elsewhere, than was signed.
    #[error("the tree has {found} leaves and had {signed}: its end was removed")]
    EndRemoved {
        /// How many there are.
        found: u64,
        /// How many there were.
        signed: u64,
    },
}

/// What is wrong with an export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportFault {
    /// A line is not what an export has.
    #[error("line {0} is not of an export")]
    Malformed(u64),
    /// It does not begin with a checkpoint: nothing had been sealed.
    #[error("the export begins without a checkpoint; nothing in it can be proven")]
    Unsealed,
    /// The checkpoint was not signed by the installation yet.
    #[error("the export's checkpoint has no signature")]
    Unsigned,
    /// The checkpoint is not signed by the key that was given, or not that of the tree.
    #[error("the export's checkpoint is not signed by the key that was given")]
    CheckpointForged,
    /// The checkpoint from outside is another one for the same size.
    #[error("the export's checkpoint is not the one from outside")]
    OutsideDiffers,
    /// The checkpoint is of another tenant's tree.
    #[error("the export is of another tenant")]
    OtherTenant,
    /// A row is not the one that was sealed.
    #[error("line {line}: row {row} was changed, or was never sealed")]
    RowChanged {
        /// Of the file.
        line: u64,
        /// The row.
        row: Uuid,
    },
    /// Lines of rows are the newest first.
    #[error("line {line}: row {row} stands in the wrong place")]
    RowMoved {
        /// Of the file.
        line: u64,
        /// The row.
        row: Uuid,
    },
    /// A row that has to be in the file is not.
    #[error("row {row}, sealed at position {position}, is not in the export")]
    RowRemoved {
        /// The row.
        row: Uuid,
        /// Its place in the tree.
        position: u64,
    },
    /// Nothing in the file is of that place in the tree.
    #[error("what was sealed at position {0} is not in the export")]
    PositionMissing(u64),
    /// A row is not sealed though later ones are.
    #[error("line {line}: row {row} was inserted")]
    RowInserted {
        /// Of the file.
        line: u64,
        /// The row.
        row: Uuid,
    },
    /// Every row fits, and what stands for the others does not.
    #[error("the leaves of rows that are not in the export were changed")]
    LeavesDiffer,
    /// The file ends before the export did.
    #[error("the end of the export is missing")]
    Truncated,
}
