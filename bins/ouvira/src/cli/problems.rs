//! `ouvira problems`.

use super::Answer;

/// Every code that an error can have, as `docs/problems.md`.
pub(super) fn run() -> Answer {
    let registry = ouvira_common::http::registry_markdown();
    Answer::new(registry.clone(), serde_json::json!({"markdown": registry}))
}
