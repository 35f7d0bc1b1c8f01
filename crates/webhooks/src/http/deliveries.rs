use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{Accepted, Json, PageView, Paging, Parameters, PathId, Problem, SignedIn};

use super::view::{DeliveryFilters, DeliveryView};
use crate::{
    Webhooks,
    model::{DeliveryId, WebhookId},
};

#[api_operation(
    operation_id = "list_webhook_deliveries",
    summary = "List what was sent to a webhook, the newest first",
    tag = "audit"
)]
pub(super) async fn list(
    caller: SignedIn,
    webhooks: Data<Webhooks>,
    id: PathId<WebhookId>,
    filters: Parameters<DeliveryFilters>,
    paging: Paging,
) -> Result<Json<PageView<DeliveryView>>, Problem> {
    let page =
        webhooks.list_deliveries(&caller, *id, &filters.into_inner().into(), &paging.request()).await?;
    Ok(paging.answer(page.map(|delivery| DeliveryView::from(&delivery))))
}

#[api_operation(
    operation_id = "replay_webhook_delivery",
    summary = "Send a message once more",
    description = "Under the same `webhook-id`, signed anew, however the first one went. 409 `webhook_paused` while the webhook is paused.",
    tag = "audit"
)]
pub(super) async fn replay(
    caller: SignedIn,
    webhooks: Data<Webhooks>,
    id: PathId<WebhookId>,
    delivery: PathId<DeliveryId, 1>,
) -> Result<Accepted<DeliveryView>, Problem> {
    let replayed = webhooks.replay(&caller, *id, *delivery).await?;
    Ok(Accepted(DeliveryView::from(&replayed)))
}
