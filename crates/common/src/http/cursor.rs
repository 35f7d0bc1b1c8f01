//! Cursors: where a page ended, signed, so that callers can neither read meaning into them nor make their own.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::{sealing::DataKey, secret::equal, tenant::Tenant};

/// Bytes of the authentication code that are kept: 128 bits (RFC 2104 §5).
const TAG: usize = 16;

/// Makes and opens the cursors of one list: of a tenant, a path, and a set of filters. A cursor of another list does
/// not open.
#[derive(Debug, Clone)]
pub(super) struct Cursors {
    key: DataKey,
    list: String,
}

impl Cursors {
    /// Those of the list `path` of `tenant`, filtered and sorted by `parameters`.
    pub(super) fn new(tenant: &Tenant, path: &str, mut parameters: Vec<(String, String)>) -> Self {
        parameters.sort_unstable();
        let list = serde_json::json!([path, parameters]).to_string();
        Self { key: tenant.data_key.clone(), list }
    }

    /// The cursor that stands for `position`: base64url of tag ‖ JSON.
    pub(super) fn seal(&self, position: &Value) -> String {
        let position = position.to_string();
        let mut bytes = self.tag(position.as_bytes()).to_vec();
        bytes.extend_from_slice(position.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position; `None` for anything that [`Cursors::seal`] did not make for this list.
    pub(super) fn open(&self, cursor: &str) -> Option<Value> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (tag, position) = bytes.split_at_checked(TAG)?;
        equal(tag, &self.tag(position)).then(|| serde_json::from_slice(position).ok())?
    }

    fn tag(&self, position: &[u8]) -> [u8; TAG] {
        let mac = self.key.mac("cursor", &[self.list.as_bytes(), position]);
        let mut tag = [0; TAG];
        tag.copy_from_slice(&mac[..TAG]);
        tag
    }
}
