//! JSON lines: what was hashed, so that it can be hashed again elsewhere, and where it stands in the tenant's tree.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ouvira_common::id::TenantId;
use serde_json::{Value, json};

use crate::{
    canonical::canonical,
    fingerprint::Document as _,
    merkle::Hash,
    model::SealableActivity,
    seal::{Checkpoint, Leaf},
};

/// The first line: the checkpoint that rows are shown to be in, and where it stands in the installation's tree.
pub(super) fn header(tenant: TenantId, checkpoint: &Checkpoint, complete: bool) -> String {
    let installation = checkpoint.witnessed.as_ref().map(|witnessed| {
        let path = texts(&witnessed.path);
        json!({"position": witnessed.position, "size": witnessed.size, "path": path, "note": witnessed.note})
    });
    let line = json!({
        "v": 1,
        "log": "checkpoint",
        "tenant_id": tenant,
        "size": checkpoint.head.size,
        "root": STANDARD.encode(checkpoint.head.root),
        "at": checkpoint.at,
        "complete": complete,
        "installation": installation,
    });
    canonical(&line) + "\n"
}

/// One activity: the members of its public document, and beside them `personal` and `salt` (null once erased),
/// `personal_hash`, and `seal`: its place in the tree and the hashes on its way up (null while it is not sealed).
pub(super) fn line(activity: &SealableActivity, seal: Option<&(u64, Vec<Hash>)>) -> String {
    let mut line = activity.record.entry.document();
    line["personal"] = activity.personal.clone().unwrap_or(Value::Null);
    line["salt"] = activity.salt.as_ref().map_or(Value::Null, |salt| json!(STANDARD.encode(salt)));
    line["personal_hash"] = json!(STANDARD.encode(activity.personal_hash));
    line["seal"] = json!(seal.map(|(position, path)| json!({"position": position, "path": texts(path)})));
    canonical(&line) + "\n"
}

/// A leaf whose row is not in the export: an event of the security log, or a row whose time was over.
pub(super) fn leaf(leaf: &Leaf) -> String {
    let line = json!({
        "v": 1,
        "log": "leaf",
        "position": leaf.position,
        "of": leaf.log.as_str(),
        "id": leaf.row,
        "retention_days": leaf.retention.days(),
        "public_hash": STANDARD.encode(leaf.public_hash),
        "personal_hash": STANDARD.encode(leaf.personal_hash),
    });
    canonical(&line) + "\n"
}

/// The last line: an export without it was cut off.
pub(super) fn end(rows: u64) -> String {
    canonical(&json!({"v": 1, "log": "end", "rows": rows})) + "\n"
}

fn texts(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| STANDARD.encode(hash)).collect()
}
