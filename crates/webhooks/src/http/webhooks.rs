use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{
    Body, Created, IfMatch, Json, MergePatch, NoContent, PageView, Paging, PathId, Problem, SignedIn,
};

use super::view::{CreateWebhook, CreatedView, RotatedView, WebhookPatch, WebhookView};
use crate::{Webhooks, model::WebhookId};

#[api_operation(operation_id = "list_webhooks", summary = "List webhooks, the newest first", tag = "audit")]
pub(super) async fn list(
    caller: SignedIn,
    webhooks: Data<Webhooks>,
    paging: Paging,
) -> Result<Json<PageView<WebhookView>>, Problem> {
    let page = webhooks.list(&caller, &paging.request()).await?;
    Ok(paging.answer(page.map(|webhook| WebhookView::from(&webhook))))
}

#[api_operation(
    operation_id = "create_webhook",
    summary = "Have events sent to an address",
    description = "Messages are signed after Standard Webhooks with the secret that is shown here and never again. Asks for a sign-in within the last ten minutes: 403 `reauthentication_required`.",
    tag = "audit"
)]
pub(super) async fn create(
    caller: SignedIn,
    webhooks: Data<Webhooks>,
    body: Body<CreateWebhook>,
) -> Result<Created<CreatedView>, Problem> {
    let (webhook, secret) = webhooks.create(&caller, body.into_inner().into()).await?;
    let location = format!("/api/v1/audit/webhooks/{}", webhook.id);
    Ok(Created::at(location, CreatedView::new(&webhook, &secret)).version(webhook.version))
}

#[api_operation(operation_id = "read_webhook", summary = "Read a webhook", tag = "audit")]
pub(super) async fn read(
    caller: SignedIn,
    webhooks: Data<Webhooks>,
    id: PathId<WebhookId>,
) -> Result<Json<WebhookView>, Problem> {
    let webhook = webhooks.read(&caller, *id).await?;
    Ok(Json(WebhookView::from(&webhook)).version(webhook.version))
}

#[api_operation(operation_id = "patch_webhook", summary = "Change, pause or resume a webhook", tag = "audit")]
pub(super) async fn patch(
    caller: SignedIn,
    webhooks: Data<Webhooks>,
    id: PathId<WebhookId>,
    version: IfMatch,
    body: MergePatch<WebhookPatch>,
) -> Result<Json<WebhookView>, Problem> {
    let webhook = webhooks.update(&caller, *id, version.0, body.into_inner().into()).await?;
    Ok(Json(WebhookView::from(&webhook)).version(webhook.version))
}

#[api_operation(operation_id = "delete_webhook", summary = "Delete a webhook", tag = "audit")]
pub(super) async fn delete(
    caller: SignedIn,
    webhooks: Data<Webhooks>,
    id: PathId<WebhookId>,
    version: IfMatch,
) -> Result<NoContent, Problem> {
    webhooks.delete(&caller, *id, version.0).await?;
    Ok(NoContent)
}

#[api_operation(
    operation_id = "rotate_webhook_secret",
    summary = "Replace a webhook's secret",
    description = "For a day messages are signed with both. Asks for a sign-in within the last ten minutes: 403 `reauthentication_required`.",
    tag = "audit"
)]
pub(super) async fn rotate_secret(
    caller: SignedIn,
    webhooks: Data<Webhooks>,
    id: PathId<WebhookId>,
    version: IfMatch,
) -> Result<Json<RotatedView>, Problem> {
    let rotated = webhooks.rotate_secret(&caller, *id, version.0).await?;
    Ok(Json(RotatedView::from(&rotated)).version(rotated.webhook.version))
}
