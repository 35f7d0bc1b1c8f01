//! JSON lines: what was hashed, so that it can be hashed again elsewhere.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{canonical::canonical, fingerprint::Document as _, model::SealableActivity};

/// One activity: the members of its public document, and beside them `personal` and `salt` (null once erased) and
/// `personal_hash`.
pub(super) fn line(activity: &SealableActivity) -> String {
    let mut line = activity.record.entry.document();
    line["personal"] = activity.personal.clone().unwrap_or(Value::Null);
    line["salt"] = activity.salt.as_ref().map_or(Value::Null, |salt| json!(STANDARD.encode(salt)));
    line["personal_hash"] = json!(STANDARD.encode(activity.personal_hash));
    canonical(&line) + "\n"
}
