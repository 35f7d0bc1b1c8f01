use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{Body, Json, PageView, Paging, Parameters, Problem, SignedIn, WireBody},
    locale::Locale,
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{Audit, Marked, Notification};

/// A notice to its reader.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "Notification")]
pub(super) struct NotificationView {
    /// Id.
    id: Uuid,
    /// Such as `company.joined`; more may come.
    kind: String,
    /// In the reader's language.
    title: String,
    /// In the reader's language; may be empty.
    body: String,
    /// What title and body were made of.
    data: Value,
    /// When it was marked read.
    read_at: Option<Timestamp>,
    /// When it was made.
    created_at: Timestamp,
}

impl NotificationView {
    pub(super) fn new(notification: Notification, locale: Locale) -> Self {
        let (title, body) = notification.text(locale);
        let Notification { id, kind, data, read_at, created_at } = notification;
        Self { id, kind, title, body, data, read_at, created_at }
    }

    pub(super) fn id(&self) -> Uuid {
        self.id
    }
}

/// Which notifications.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct NotificationFilters {
    /// Only unread ones, or only read ones.
    unread: Option<bool>,
}

/// How many are unread.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(super) struct UnreadCount {
    /// How many.
    unread: i64,
}

/// Which notifications to mark read: exactly one of the two members.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct MarkRead {
    /// These, 1 to 100.
    ids: Option<Vec<Uuid>>,
    /// True for every unread one.
    all: Option<bool>,
}

impl WireBody for MarkRead {}

/// How many were marked.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(super) struct MarkedRead {
    /// How many were unread before.
    updated: usize,
}

#[api_operation(
    operation_id = "list_notifications",
    summary = "List one's notifications, the newest first",
    tag = "audit"
)]
pub(super) async fn list(
    caller: SignedIn,
    audit: Data<Audit>,
    filters: Parameters<NotificationFilters>,
    paging: Paging,
) -> Result<Json<PageView<NotificationView>>, Problem> {
    let page = audit.list_notifications(&caller, filters.unread, &paging.request()).await?;
    Ok(paging.answer(page.map(|notification| NotificationView::new(notification, caller.locale()))))
}

#[api_operation(
    operation_id = "count_unread_notifications",
    summary = "Count one's unread notifications",
    tag = "audit"
)]
pub(super) async fn count_unread(caller: SignedIn, audit: Data<Audit>) -> Result<Json<UnreadCount>, Problem> {
    Ok(Json(UnreadCount { unread: audit.count_unread(&caller).await? }))
}

#[api_operation(
    operation_id = "mark_notifications_read",
    summary = "Mark some or all of one's notifications read",
    tag = "audit"
)]
pub(super) async fn mark_read(
    caller: SignedIn,
    audit: Data<Audit>,
    body: Body<MarkRead>,
) -> Result<Json<MarkedRead>, Problem> {
    let MarkRead { ids, all } = body.into_inner();
    let updated = audit.mark_read(&caller, &Marked::parse(ids, all)?).await?;
    Ok(Json(MarkedRead { updated }))
}
