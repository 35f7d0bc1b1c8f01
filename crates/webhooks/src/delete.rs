//! Deleting a webhook.

use ouvira_common::{context::RequestContext, ports::Activity};

use crate::{WebhookError, Webhooks, model::WebhookId, store};

impl Webhooks {
    /// Deletes the webhook when it is at `expected`, where that is given. What waits to be sent there is not. Needs
    /// `webhook.manage`.
    pub async fn delete(
        &self,
        ctx: &RequestContext,
        id: WebhookId,
        expected: Option<i64>,
    ) -> Result<(), WebhookError> {
        self.0
            .db
            .write(ctx, async |tx| {
                self.require(tx).await?;
                let webhook = store::lock(tx, id).await?.ok_or(WebhookError::NotFound)?;
                if expected.is_some_and(|expected| expected != webhook.version) {
                    return Err(WebhookError::VersionMismatch);
                }
                store::delete(tx, id);
                let deleted = Activity::new("webhook.deleted", "webhook", id.0);
                self.0.audit.record(tx, deleted.label(webhook.origin()));
                Ok(())
            })
            .await
    }
}
