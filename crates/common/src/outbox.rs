//! The outbox: what has to happen outside of a transaction, written inside of it.

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
