//! Webhooks and deliveries.

use ouvira_common::{define_id, problem::FieldError, text::line, time::Timestamp};
use uuid::Uuid;

define_id!(
    /// Id of a webhook.
    WebhookId
);
define_id!(
    /// Id of a delivery.
    DeliveryId
);

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// The name in the database and on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The one of that name.
            pub fn of_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

named!(
    /// Why a webhook is paused.
    PausedReason {
        /// Somebody paused it.
        Manual = "manual",
        /// It took nothing for days.
        Failures = "failures",
        /// It answered 410: it wants no more.
        Gone = "gone",
    }
);

named!(
    /// How far a delivery is.
    DeliveryStatus {
        /// To be sent, perhaps again.
        Pending = "pending",
        /// The receiver took it.
        Succeeded = "succeeded",
        /// It was given up.
        Failed = "failed",
        /// The webhook was paused.
        Skipped = "skipped",
    }
);

/// Since when a webhook is paused, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// Why.
    pub reason: PausedReason,
    /// Since when.
    pub at: Timestamp,
}

/// An address that is told of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Id.
    pub id: WebhookId,
    /// Where events are sent.
    pub url: String,
    /// What people say of it.
    pub description: Option<String>,
    /// Names of events, or `*`.
    pub events: Vec<String>,
    /// `None` while it is at work.
    pub paused: Option<Pause>,
    /// Attempts that failed since the last one that did not.
    pub failures: i32,
    /// Since when they fail.
    pub failing_since: Option<Timestamp>,
    /// Raised by each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Webhook {
    /// Scheme, host and port of its address: the rest may hold a secret of the receiver's.
    pub(crate) fn origin(&self) -> String {
        url::Url::parse(&self.url).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }
}

/// An event on its way to a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// Id.
    pub id: DeliveryId,
    /// To which webhook.
    pub webhook: WebhookId,
    /// The header `webhook-id`: of the event, the same at every attempt and replay.
    pub event_id: Uuid,
    /// Name of the event.
    pub event: String,
    /// How far it is.
    pub status: DeliveryStatus,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is tried again.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was last tried.
    pub last_attempt_at: Option<Timestamp>,
    /// What the receiver answered then.
    pub response_code: Option<i32>,
    /// The beginning of the answer.
    pub response_body: Option<String>,
    /// Why it did not succeed then.
    pub error: Option<String>,
    /// How long that took, in milliseconds.
    pub duration_ms: Option<i32>,
    /// The delivery that this one repeats.
    pub replay_of: Option<DeliveryId>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What people say of a webhook: at most 500 characters.
pub(crate) fn parse_description(text: &str) -> Result<Option<String>, FieldError> {
    Ok(Some(line("/description", text, 500)?).filter(|text| !text.is_empty()))
}
