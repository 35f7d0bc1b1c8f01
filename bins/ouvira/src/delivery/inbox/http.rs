//! `GET /dev/messages`. Local mode only: it shows everybody's codes to anybody.

use actix_web::web::Data;
use apistos::{
    ApiComponent, api_operation,
    web::{ServiceConfig, get, resource},
};
use ouvira_common::{
    http::{Json, Parameters, Problem},
    text::Channel,
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Inbox, Item};

/// Mounts the inbox, which is found in the app data as `Data<Inbox>`, relative to `/api/v1`.
pub(crate) fn inbox_routes(config: &mut ServiceConfig) {
    config.service(resource("/dev/messages").route(get().to(messages)));
}

/// Which messages are asked for.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Filter {
    /// The address they went to.
    to: Option<String>,
}

/// Messages that were not sent.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "DevMessages")]
pub(crate) struct MessagesView {
    /// The newest first; at most 200.
    items: Vec<MessageView>,
}

/// A message that was not sent.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DevMessage")]
struct MessageView {
    /// Its id.
    id: Uuid,
    /// The way it would have taken.
    channel: Channel,
    /// To whom.
    to: String,
    /// Subject of a mail.
    subject: Option<String>,
    /// What it says.
    body: String,
    /// What a program would look for in it.
    data: DataView,
    /// When it was written.
    created_at: Timestamp,
}

/// What a program would look for in a message.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DevMessageData")]
struct DataView {
    /// The one-time code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    code: Option<String>,
    /// The token in the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    token: Option<String>,
    /// Where it leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    link: Option<String>,
}

impl From<Item> for MessageView {
    fn from(item: Item) -> Self {
        let Item { id, channel, to, subject, body, data, created_at } = item;
        let text = |name: &str| data.get(name)?.as_str().map(str::to_owned);
        let data = DataView { code: text("code"), token: text("token"), link: text("link") };
        Self { id, channel, to, subject, body, data, created_at }
    }
}

/// The newest messages that this service would have sent.
#[api_operation(
    operation_id = "list_dev_messages",
    summary = "Messages of a local service",
    description = "Codes, links and notices that would have been sent, the newest first. In local mode only: in production this route does not exist.",
    tag = "dev"
)]
pub(crate) async fn messages(
    inbox: Data<Inbox>,
    filter: Parameters<Filter>,
) -> Result<Json<MessagesView>, Problem> {
    let items = inbox.list(filter.to.as_deref());
    Ok(Json(MessagesView { items: items.into_iter().map(MessageView::from).collect() }))
}
