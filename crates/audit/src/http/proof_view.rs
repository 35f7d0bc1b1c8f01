//! Checkpoints and proofs on the wire. Hashes are base64.

use apistos::ApiComponent;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ouvira_common::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    merkle::Hash,
    seal::{ActivityProof, Checkpoint, ConsistencyProof, TreeHead, Witnessed},
};

fn text(hash: &Hash) -> String {
    STANDARD.encode(hash)
}

fn texts(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(text).collect()
}

/// Where a root stands in the tree of the installation.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InstallationProof")]
pub(super) struct WitnessedView {
    /// Which leaf there.
    position: u64,
    /// How large that tree was.
    size: u64,
    /// The hashes from the leaf up to its root.
    path: Vec<String>,
    /// The signed checkpoint of that tree (C2SP tlog-checkpoint).
    note: String,
}

impl From<Witnessed> for WitnessedView {
    fn from(witnessed: Witnessed) -> Self {
        Self {
            position: witnessed.position,
            size: witnessed.size,
            path: texts(&witnessed.path),
            note: witnessed.note,
        }
    }
}

/// The tenant's tree at one size.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "Checkpoint")]
pub(super) struct CheckpointView {
    /// How many rows are sealed.
    size: u64,
    /// The root over them.
    root: String,
    /// When.
    created_at: Timestamp,
    /// Where the root stands in the tree of the installation; null until it does.
    installation: Option<WitnessedView>,
}

impl From<Checkpoint> for CheckpointView {
    fn from(checkpoint: Checkpoint) -> Self {
        Self {
            size: checkpoint.head.size,
            root: text(&checkpoint.head.root),
            created_at: checkpoint.at,
            installation: checkpoint.witnessed.map(WitnessedView::from),
        }
    }
}

/// A sealed row as it stands in the tree.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SealedRow")]
pub(super) struct LeafView {
    /// Its place, from 0.
    position: u64,
    /// `activity` or `security`.
    log: String,
    /// The row.
    row_id: Uuid,
    /// For how many days the row is kept.
    retention_days: i16,
    /// SHA-256 of the canonical form (RFC 8785) of the public fields.
    public_hash: String,
    /// SHA-256 of the salt and the canonical form of the personal fields.
    personal_hash: String,
    /// SHA-256 of 0x00 and the 92 bytes made from all of these.
    hash: String,
}

/// What shows that an activity is in the tenant's tree.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "ActivityProof")]
pub(super) struct ProofView {
    /// The public fields, as they are hashed.
    document: Value,
    /// The row in the tree.
    leaf: LeafView,
    /// The hashes from the leaf up to the root of the checkpoint (RFC 9162 §2.1.3).
    path: Vec<String>,
    /// The tree that it is shown to be in.
    checkpoint: CheckpointView,
}

impl From<ActivityProof> for ProofView {
    fn from(proof: ActivityProof) -> Self {
        let ActivityProof { document, leaf, checkpoint, path } = proof;
        Self {
            document,
            leaf: LeafView {
                position: leaf.position,
                log: leaf.log.as_str().to_owned(),
                row_id: leaf.row,
                retention_days: leaf.retention.days(),
                public_hash: text(&leaf.public_hash),
                personal_hash: text(&leaf.personal_hash),
                hash: text(&leaf.hash()),
            },
            path: texts(&path),
            checkpoint: checkpoint.into(),
        }
    }
}

/// A row that is not sealed yet.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "ProofPending")]
pub(super) struct PendingView {
    /// When the proof will be there.
    pub(super) available_at: Timestamp,
}

/// A tree at one size.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TreeHead")]
pub(super) struct HeadView {
    /// How many rows.
    size: u64,
    /// The root over them.
    root: String,
}

impl From<TreeHead> for HeadView {
    fn from(head: TreeHead) -> Self {
        Self { size: head.size, root: text(&head.root) }
    }
}

/// What shows that one tree is the beginning of another.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "ConsistencyProof")]
pub(super) struct ConsistencyView {
    /// The smaller one.
    from: HeadView,
    /// The larger one.
    to: HeadView,
    /// The hashes that show it (RFC 9162 §2.1.4).
    path: Vec<String>,
}

impl From<ConsistencyProof> for ConsistencyView {
    fn from(proof: ConsistencyProof) -> Self {
        Self { from: proof.from.into(), to: proof.to.into(), path: texts(&proof.path) }
    }
}

/// Between which sizes of the tree.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Sizes {
    /// The smaller size, at least 1.
    pub(super) from: u64,
    /// The larger size.
    pub(super) to: u64,
}
