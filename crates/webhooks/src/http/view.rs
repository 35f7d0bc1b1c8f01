//! Webhooks on the wire.

use apistos::ApiComponent;
use ouvira_common::{
    http::{Patch, WireBody},
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    DeliveryFilter, Edit, NewWebhook, Rotated, SigningSecret, WebhookEdit,
    model::{DeliveryStatus, PausedReason, Webhook, WebhookDelivery},
};

/// Whether a webhook is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WebhookStatus {
    /// Events are sent.
    Active,
    /// Events are noted and not sent.
    Paused,
}

/// Why a webhook is paused.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PausedBecause {
    /// Somebody paused it.
    Manual,
    /// It took nothing for days.
    Failures,
    /// It answered 410.
    Gone,
}

/// How far a delivery is.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be sent, perhaps again.
    Pending,
    /// The receiver took it.
    Succeeded,
    /// It was given up.
    Failed,
    /// The webhook was paused.
    Skipped,
}

impl From<DeliveryStatus> for DeliveryState {
    fn from(status: DeliveryStatus) -> Self {
        match status {
            DeliveryStatus::Pending => Self::Pending,
            DeliveryStatus::Succeeded => Self::Succeeded,
            DeliveryStatus::Failed => Self::Failed,
            DeliveryStatus::Skipped => Self::Skipped,
        }
    }
}

impl From<DeliveryState> for DeliveryStatus {
    fn from(state: DeliveryState) -> Self {
        match state {
            DeliveryState::Pending => Self::Pending,
            DeliveryState::Succeeded => Self::Succeeded,
            DeliveryState::Failed => Self::Failed,
            DeliveryState::Skipped => Self::Skipped,
        }
    }
}

/// A webhook.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "Webhook")]
pub struct WebhookView {
    /// Id.
    id: Uuid,
    /// Where events are sent.
    url: String,
    /// Names of events; `*` is all of them, later ones included.
    events: Vec<String>,
    /// What people say of it.
    description: Option<String>,
    /// Whether it is at work.
    status: WebhookStatus,
    /// Why it is paused.
    paused_reason: Option<PausedBecause>,
    /// Since when it is paused.
    paused_at: Option<Timestamp>,
    /// Attempts that failed since the last one that did not.
    failures: i32,
    /// Since when attempts fail.
    failing_since: Option<Timestamp>,
    /// When it was made.
    created_at: Timestamp,
    /// When it was last changed.
    updated_at: Timestamp,
    /// For `If-Match`.
    version: i64,
}

impl From<&Webhook> for WebhookView {
    fn from(webhook: &Webhook) -> Self {
        let reason = |reason| match reason {
            PausedReason::Manual => PausedBecause::Manual,
            PausedReason::Failures => PausedBecause::Failures,
            PausedReason::Gone => PausedBecause::Gone,
        };
        Self {
            id: webhook.id.0,
            url: webhook.url.clone(),
            events: webhook.events.clone(),
            description: webhook.description.clone(),
            status: if webhook.paused.is_some() { WebhookStatus::Paused } else { WebhookStatus::Active },
            paused_reason: webhook.paused.map(|pause| reason(pause.reason)),
            paused_at: webhook.paused.map(|pause| pause.at),
            failures: webhook.failures,
            failing_since: webhook.failing_since,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
            version: webhook.version,
        }
    }
}

/// A new webhook, with its secret.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "NewWebhook")]
pub(super) struct CreatedView {
    /// Id.
    id: Uuid,
    /// Where events are sent.
    url: String,
    /// Names of events.
    events: Vec<String>,
    /// What people say of it.
    description: Option<String>,
    /// Whether it is at work.
    status: WebhookStatus,
    /// What messages are signed with, `whsec_…`: shown now and never again.
    secret: String,
    /// When it was made.
    created_at: Timestamp,
    /// When it was last changed.
    updated_at: Timestamp,
    /// For `If-Match`.
    version: i64,
}

impl CreatedView {
    pub(super) fn new(webhook: &Webhook, secret: &SigningSecret) -> Self {
        Self {
            id: webhook.id.0,
            url: webhook.url.clone(),
            events: webhook.events.clone(),
            description: webhook.description.clone(),
            status: WebhookStatus::Active,
            secret: secret.text().expose().to_owned(),
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
            version: webhook.version,
        }
    }
}

/// A new secret.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "RotatedSecret")]
pub(super) struct RotatedView {
    /// What messages are signed with from now on, `whsec_…`: shown now and never again.
    secret: String,
    /// Until then messages are signed with the former secret too.
    former_valid_until: Timestamp,
    /// The webhook's, for `If-Match`.
    version: i64,
}

impl From<&Rotated> for RotatedView {
    fn from(rotated: &Rotated) -> Self {
        Self {
            secret: rotated.secret.text().expose().to_owned(),
            former_valid_until: rotated.former_until,
            version: rotated.webhook.version,
        }
    }
}

/// A webhook to be made.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct CreateWebhook {
    /// Where events are sent: an absolute https address of at most 2,000 characters that is not of this network.
    url: String,
    /// Names of events, at least one; `*` is all of them, later ones included.
    events: Vec<String>,
    /// What people say of it, at most 500 characters.
    description: Option<String>,
}

const READ_ONLY: &[&str] =
    &["id", "paused_reason", "paused_at", "failures", "failing_since", "created_at", "updated_at", "version"];

impl WireBody for CreateWebhook {
    const READ_ONLY: &'static [&'static str] = &[
        "id",
        "status",
        "paused_reason",
        "paused_at",
        "failures",
        "failing_since",
        "created_at",
        "updated_at",
        "version",
    ];
}

impl From<CreateWebhook> for NewWebhook {
    fn from(body: CreateWebhook) -> Self {
        Self { url: body.url, events: body.events, description: body.description }
    }
}

/// Changes of a webhook; null gives a member its default.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema, ApiComponent)]
#[serde(default)]
pub(super) struct WebhookPatch {
    /// Where events are sent.
    url: Patch<String>,
    /// Names of events, at least one; `*` is all of them, later ones included.
    events: Patch<Vec<String>>,
    /// What people say of it, at most 500 characters.
    description: Patch<String>,
    /// Whether it is at work; resuming forgets its failures.
    status: Patch<WebhookStatus>,
}

impl WireBody for WebhookPatch {
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

impl From<WebhookPatch> for WebhookEdit {
    fn from(body: WebhookPatch) -> Self {
        Self {
            url: body.url.into(),
            events: body.events.into(),
            description: body.description.into(),
            active: body.status.map(|status| status == WebhookStatus::Active).into(),
        }
    }
}

impl<T> From<Patch<T>> for Edit<T> {
    fn from(patch: Patch<T>) -> Self {
        match patch {
            Patch::Absent => Self::Keep,
            Patch::Null => Self::Reset,
            Patch::Value(value) => Self::To(value),
        }
    }
}

/// An event on its way to a webhook.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "WebhookDelivery")]
pub struct DeliveryView {
    /// Id.
    id: Uuid,
    /// To which webhook.
    webhook_id: Uuid,
    /// The header `webhook-id`: the same at every attempt and replay.
    event_id: Uuid,
    /// Name of the event.
    event: String,
    /// How far it is.
    status: DeliveryState,
    /// How often it was tried.
    attempts: i32,
    /// When it is tried again.
    next_attempt_at: Option<Timestamp>,
    /// When it was last tried.
    last_attempt_at: Option<Timestamp>,
    /// The status that the receiver answered with then.
    response_code: Option<i32>,
    /// The beginning of the answer: 512 bytes at most.
    response_body: Option<String>,
    /// Why it did not succeed then.
    error: Option<String>,
    /// How long that took, in milliseconds.
    duration_ms: Option<i32>,
    /// The delivery that this one repeats.
    replay_of: Option<Uuid>,
    /// When it was made.
    created_at: Timestamp,
}

impl From<&WebhookDelivery> for DeliveryView {
    fn from(delivery: &WebhookDelivery) -> Self {
        Self {
            id: delivery.id.0,
            webhook_id: delivery.webhook.0,
            event_id: delivery.event_id,
            event: delivery.event.clone(),
            status: delivery.status.into(),
            attempts: delivery.attempts,
            next_attempt_at: delivery.next_attempt_at,
            last_attempt_at: delivery.last_attempt_at,
            response_code: delivery.response_code,
            response_body: delivery.response_body.clone(),
            error: delivery.error.clone(),
            duration_ms: delivery.duration_ms,
            replay_of: delivery.replay_of.map(|id| id.0),
            created_at: delivery.created_at,
        }
    }
}

/// What a list of deliveries is narrowed to.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct DeliveryFilters {
    /// Only those that are so far.
    status: Option<DeliveryState>,
    /// Only those of this event.
    event: Option<String>,
}

impl From<DeliveryFilters> for DeliveryFilter {
    fn from(filters: DeliveryFilters) -> Self {
        Self { status: filters.status.map(DeliveryStatus::from), event: filters.event }
    }
}
