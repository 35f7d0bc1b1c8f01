//! The outbox: what has to happen outside of a transaction, written inside of it.

use std::time::Duration;

use async_trait::async_trait;
use diesel::{
    sql_query,
    sql_types::{Jsonb, Text, Uuid as SqlUuid},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    context::RequestContext,
    db::{DbError, Tx, cached},
    id::uuid_at,
};

/// An event for the worker, at least once, after the transaction committed.
pub trait OutboxEvent: Serialize {
    /// Versioned name, such as `company.created.v1`. Handlers subscribe to it.
    const TOPIC: &'static str;
}

/// How often an event is tried before it is given up: with [`pause`] in between, for about a day.
pub const ATTEMPTS: u32 = 14;

/// The longest pause.
const LONGEST: Duration = Duration::from_hours(4);

/// How long to wait after the `attempt`-th attempt, the first being 1: 2, 8, 32 … seconds, up to four hours.
pub fn pause(attempt: u32) -> Duration {
    Duration::from_secs(2 * 4_u64.pow(attempt.clamp(1, 8) - 1)).min(LONGEST)
}

/// The same when a pause was asked for: never shorter than ours, nor longer than the longest.
pub fn pause_of(attempt: u32, asked: Option<Duration>) -> Duration {
    asked.map_or(Duration::ZERO, |asked| asked.min(LONGEST)).max(pause(attempt))
}

/// An event that others than our own handlers may hear of, as it is documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishedEvent {
    /// [`OutboxEvent::TOPIC`].
    pub topic: &'static str,
    /// When it happens.
    pub description: &'static str,
    /// What it carries: ids, and no personal data.
    pub fields: &'static [EventField],
}

/// A member of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventField {
    /// Its name.
    pub name: &'static str,
    /// Its type in Rust.
    pub rust: &'static str,
    /// What it says.
    pub description: &'static str,
}

impl EventField {
    /// Its type in JSON, for people.
    pub fn json(&self) -> &'static str {
        match self.rust {
            "String" => "string",
            "i64" => "integer",
            "bool" => "boolean",
            optional if optional.starts_with("Option<") => "UUID or null",
            _ => "UUID",
        }
    }
}

/// Declares an event with what is said of it: `published_event!(/// When. Name = "topic.v1" { /// What. field: Type, … })`.
#[macro_export]
macro_rules! published_event {
    ($(#[doc = $doc:literal])* $name:ident = $topic:literal { $($(#[doc = $field_doc:literal])* $field:ident: $type:ty,)* }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Eq, ::serde::Serialize, ::serde::Deserialize)]
        pub struct $name {
            $($(#[doc = $field_doc])* pub $field: $type,)*
        }

        impl $name {
            /// As it is documented.
            pub const PUBLISHED: $crate::outbox::PublishedEvent = $crate::outbox::PublishedEvent {
                topic: $topic,
                description: concat!($($doc),*),
                fields: &[$($crate::outbox::EventField {
                    name: stringify!($field),
                    rust: stringify!($type),
                    description: concat!($($field_doc),*),
                },)*],
            };
        }

        impl $crate::outbox::OutboxEvent for $name {
            const TOPIC: &'static str = $topic;
        }
    };
}

/// One event, as the worker hands it over. At least once: a handler makes sure that twice does no harm.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Of the outbox row; the same at every attempt.
    pub id: Uuid,
    /// [`OutboxEvent::TOPIC`].
    pub topic: String,
    /// The event as JSON.
    pub payload: Value,
    /// The first is 1.
    pub attempt: u32,
}

impl Delivery {
    /// The event.
    pub fn event<E: DeserializeOwned>(&self) -> Result<E, HandlerError> {
        serde_json::from_value(self.payload.clone())
            .map_err(|error| HandlerError::Permanent(error.to_string()))
    }
}

/// An event was not handled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandlerError {
    /// It never will be: it becomes a dead letter at once.
    #[error("given up: {0}")]
    Permanent(String),
    /// It is tried again later, with growing pauses.
    #[error("to be tried again: {0}")]
    Transient(String),
    /// Nothing is wrong, it is only too early: the same, without a warning in the log.
    #[error("too early: {0}")]
    Pending(String),
    /// It is tried again, and not before what it was handed to asked for; never later than the longest pause.
    #[error("to be tried again, as asked: {error}")]
    Later {
        /// Why.
        error: String,
        /// The pause that was asked for.
        after: Duration,
    },
}

impl From<DbError> for HandlerError {
    fn from(error: DbError) -> Self {
        Self::Transient(error.to_string())
    }
}

/// Does what an event asks for, in a worker. Its texts reach the log, so they hold no secret and no address.
#[async_trait]
pub trait OutboxHandler: Send + Sync {
    /// The topics it handles; each has one handler at most.
    fn topics(&self) -> &'static [&'static str];

    /// Handles one event as a job of the tenant it came from.
    async fn handle(&self, ctx: &RequestContext, delivery: &Delivery) -> Result<(), HandlerError>;
}

impl Tx {
    /// Queues an event for the worker; it is written with the other deferred statements.
    pub fn publish<E: OutboxEvent>(&mut self, event: &E) {
        let payload = serde_json::to_value(event).expect("an event is plain data");
        let statement = cached(
            sql_query("SELECT ouvira_core.publish($1, $2, $3, $4)")
                .bind::<SqlUuid, _>(uuid_at(self.now()))
                .bind::<Text, _>(E::TOPIC)
                .bind::<Jsonb, _>(payload)
                .bind::<Text, _>(self.context().origin().request_id.clone()),
        );
        self.defer(statement);
        self.published = true;
    }
}
