#![doc = include_str!("../README.md")]

use std::sync::Arc;

use ouvira_common::{
    db::{Db, Tx},
    entropy::Entropy,
    migration,
    migration::Migration,
    permission::Scope,
    ports::{AuditSink, Notifier, PermissionChecker, PermissionHolders},
};

mod attempt;
mod create;
mod delete;
mod deliveries;
mod error;
mod events;
mod fan_out;
#[cfg(feature = "http")]
pub mod http;
pub mod model;
mod network;
pub mod permission;
mod read;
mod replay;
mod retention;
mod rotate_secret;
mod schema;
mod secret;
mod sender;
pub mod signature;
mod store;
mod update;

pub use attempt::{AttemptDue, PAUSED_AFTER, PAUSED_AFTER_FAILURES, SendDeliveries};
pub use create::{MOST, NewWebhook};
pub use deliveries::DeliveryFilter;
pub use error::WebhookError;
pub use events::{ALL_EVENTS, Events};
pub use fan_out::{FanOut, LARGEST_PAYLOAD};
pub use network::Networks;
pub use retention::KEPT_DAYS;
pub use rotate_secret::{OVERLAP, Rotated};
pub use secret::SigningSecret;
pub use sender::{ATTEMPT_TIMEOUT, Sender};
pub use update::{Edit, WebhookEdit};

/// The tables of this domain.
pub const MIGRATIONS: &[Migration] = &[migration!("webhooks", "20261120001210_webhooks")];

/// What the use cases need.
#[derive(Clone)]
pub struct WebhookDeps {
    /// The way to the database.
    pub db: Db,
    /// Decides who may do what.
    pub rights: Arc<dyn PermissionChecker>,
    /// Knows whom to tell that a webhook was paused.
    pub holders: Arc<dyn PermissionHolders>,
    /// Keeps the log.
    pub audit: Arc<dyn AuditSink>,
    /// Tells people.
    pub notifier: Arc<dyn Notifier>,
    /// Makes secrets.
    pub entropy: Arc<dyn Entropy>,
    /// What the domains publish.
    pub events: &'static Events,
    /// Reaches receivers.
    pub sender: Sender,
}

/// The use cases of webhooks. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks(Arc<WebhookDeps>);

impl Webhooks {
    /// The use cases over `deps`.
    pub fn new(deps: WebhookDeps) -> Self {
        Self(Arc::new(deps))
    }

    async fn require(&self, tx: &mut Tx) -> Result<(), WebhookError> {
        Ok(self.0.rights.require(tx, &permission::WEBHOOK_MANAGE, Scope::Tenant).await?)
    }
}
