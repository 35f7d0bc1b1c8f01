//! The `OpenAPI` document: made once, compressed once.

use std::sync::Arc;

use super::content::Content;

/// The document as it is served.
#[derive(Debug)]
pub(crate) struct OpenApiDocument(Arc<Content>);

impl OpenApiDocument {
    /// Keeps `document` for serving.
    pub(crate) fn new(document: &serde_json::Value) -> Self {
        Self(Arc::new(Content::of_plain("application/json", document.to_string().as_bytes())))
    }

    pub(super) fn content(&self) -> &Arc<Content> {
        &self.0
    }
}
