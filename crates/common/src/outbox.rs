//! The outbox: what has to happen outside of a transaction, written inside of it.

use diesel::{
    sql_query,
    sql_types::{Jsonb, Text, Uuid as SqlUuid},
};
use serde::Serialize;

use crate::{
    db::{Tx, cached},
    id::uuid_at,
};

/// An event for the worker, at least once, after the transaction committed.
pub trait OutboxEvent: Serialize {
    /// Versioned name, such as `company.created.v1`. Handlers subscribe to it.
    const TOPIC: &'static str;
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
    }
}
