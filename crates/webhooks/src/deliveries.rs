//! What was sent to a webhook.

use ouvira_common::{
    context::RequestContext,
    page::{Page, PageRequest},
};

use crate::{
    WebhookError, Webhooks,
    model::{DeliveryStatus, WebhookDelivery, WebhookId},
    store,
};

/// What a list of deliveries is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// In this status.
    pub status: Option<DeliveryStatus>,
    /// Of this event.
    pub event: Option<String>,
}

impl Webhooks {
    /// Deliveries of a webhook, the newest first. Needs `webhook.manage`.
    pub async fn list_deliveries(
        &self,
        ctx: &RequestContext,
        webhook: WebhookId,
        filter: &DeliveryFilter,
        page: &PageRequest,
    ) -> Result<Page<WebhookDelivery>, WebhookError> {
        let after = page.position()?;
        self.0
            .db
            .read(ctx, async |tx| {
                self.require(tx).await?;
                store::find(tx, webhook).await?.ok_or(WebhookError::NotFound)?;
                let rows = store::list_deliveries(tx, webhook, filter, after, page.limit).await?;
                let mut found = Page::from_rows(rows, page.limit, |delivery| delivery.id);
                if page.count {
                    found.total = Some(store::count_deliveries(tx, webhook, filter).await?);
                }
                Ok(found)
            })
            .await
    }
}
