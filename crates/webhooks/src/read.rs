//! Reading webhooks.

use ouvira_common::{
    context::RequestContext,
    page::{Page, PageRequest},
};

use crate::{
    WebhookError, Webhooks,
    model::{Webhook, WebhookId},
    store,
};

impl Webhooks {
    /// The tenant's webhooks, the newest first. Needs `webhook.manage`.
    pub async fn list(
        &self,
        ctx: &RequestContext,
        page: &PageRequest,
    ) -> Result<Page<Webhook>, WebhookError> {
        let after = page.position()?;
        self.0
            .db
            .read(ctx, async |tx| {
                self.require(tx).await?;
                let rows = store::list(tx, after, page.limit).await?;
                let mut found = Page::from_rows(rows, page.limit, |webhook| webhook.id);
                if page.count {
                    found.total = Some(store::count(tx).await?);
                }
                Ok(found)
            })
            .await
    }

    /// One webhook. Needs `webhook.manage`.
    pub async fn read(&self, ctx: &RequestContext, id: WebhookId) -> Result<Webhook, WebhookError> {
        self.0
            .db
            .read(ctx, async |tx| {
                self.require(tx).await?;
                store::find(tx, id).await?.ok_or(WebhookError::NotFound)
            })
            .await
    }
}
