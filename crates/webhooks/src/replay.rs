//! Sending a message once more.

use ouvira_common::{context::RequestContext, ports::Activity};

use crate::{
    WebhookError, Webhooks,
    attempt::AttemptDue,
    model::{DeliveryId, WebhookDelivery, WebhookId},
    store,
};

impl Webhooks {
    /// Sends what a delivery carried once more, under the same `webhook-id` and signed anew, however the first one went.
    /// Fails with [`WebhookError::Paused`] while the webhook is paused. Needs `webhook.manage`.
    pub async fn replay(
        &self,
        ctx: &RequestContext,
        webhook: WebhookId,
        delivery: DeliveryId,
    ) -> Result<WebhookDelivery, WebhookError> {
        self.0
            .db
            .write(ctx, async |tx| {
                self.require(tx).await?;
                let at = store::lock(tx, webhook).await?.ok_or(WebhookError::NotFound)?;
                let id = DeliveryId::new_at(tx.now());
                let replayed =
                    store::repeat(tx, webhook, delivery, id).await?.ok_or(WebhookError::NotFound)?;
                if at.paused.is_some() {
                    return Err(WebhookError::Paused);
                }
                tx.publish(&AttemptDue { delivery_id: id });
                let activity = Activity::new("webhook_delivery.replayed", "webhook_delivery", delivery.0);
                self.0.audit.record(tx, activity.label(at.origin()));
                Ok(replayed)
            })
            .await
    }
}
