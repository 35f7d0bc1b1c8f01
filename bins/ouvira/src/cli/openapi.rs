//! `ouvira openapi`.

use super::{Answer, CommandError};

/// The document that the code describes; no database is needed.
pub(super) fn run() -> Result<Answer, CommandError> {
    let document = super::block_on(crate::http::document())?;
    let pretty = serde_json::to_string_pretty(&document).map_err(|error| CommandError::internal(&error))?;
    Ok(Answer::new(pretty, document))
}
