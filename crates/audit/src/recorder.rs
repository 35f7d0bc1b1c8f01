//! How rows get into the logs: built and hashed in memory, deferred into the flight that the transaction sends anyway.

use std::sync::Arc;

use ouvira_common::{
    context::RequestContext,
    db::Tx,
    entropy::{Entropy, random_bytes},
    id::uuid_at,
    ports::{Activity, AuditSink, Notice, Notifier, SecurityEvent},
};
use serde_json::Value;

use crate::{
    canonical::storable,
    fingerprint::{Document, Hash, Salt, personal_hash},
    model::{ActivityEntry, Head, PersonalPart, Retention, SecurityEntry, Via, split},
    notification, store,
};

/// Writes the logs and notices. Needs nothing of other domains, so it is made before them. A recorder is cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    entropy: Arc<dyn Entropy>,
}

/// What is kept of a row beside its public fields.
#[derive(Debug, Clone)]
pub(crate) struct Sealable {
    /// The personal part as JSON.
    pub(crate) personal: Value,
    /// Its salt.
    pub(crate) salt: Salt,
    /// Hash of the public fields.
    pub(crate) public_hash: Hash,
    /// Hash of salt and personal part.
    pub(crate) personal_hash: Hash,
}

impl Recorder {
    /// A recorder that salts with `entropy`.
    pub fn new(entropy: Arc<dyn Entropy>) -> Self {
        Self { entropy }
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.entropy
    }

    fn head(ctx: &RequestContext) -> Head {
        Head {
            id: uuid_at(ctx.now()),
            at: ctx.now(),
            retention: Retention::chosen(ctx.settings().audit_retention_days),
            actor: ctx.principal(),
            via: Via::of(ctx.pass()),
            request_id: ctx.origin().request_id.clone(),
        }
    }

    fn sealable(&self, entry: &impl Document, personal: &PersonalPart) -> Sealable {
        let salt: Salt = random_bytes(&*self.entropy);
        let personal = storable(serde_json::to_value(personal).expect("a personal part is plain data"));
        Sealable {
            salt,
            public_hash: entry.public_hash(),
            personal_hash: personal_hash(&salt, &personal),
            personal,
        }
    }
}

/// Where the request came from, which is personal.
fn origin(ctx: &RequestContext) -> PersonalPart {
    PersonalPart {
        ip: ctx.origin().ip.map(|ip| ip.to_string()),
        user_agent: ctx.origin().user_agent.clone(),
        ..PersonalPart::default()
    }
}

impl AuditSink for Recorder {
    fn record(&self, tx: &mut Tx, activity: Activity) {
        let (changes, personal_changes) = split(activity.changes);
        let entry = ActivityEntry {
            head: Self::head(tx.context()),
            action: activity.action.to_owned(),
            object_kind: activity.object.kind.to_owned(),
            object_id: activity.object.id,
            company: activity.company,
            changes,
        };
        let personal = PersonalPart {
            object_label: activity.object.label,
            changes: personal_changes,
            ..origin(tx.context())
        };
        let sealable = self.sealable(&entry, &personal);
        store::insert_activity(tx, entry, sealable);
    }

    fn security(&self, tx: &mut Tx, event: SecurityEvent) {
        let entry = SecurityEntry {
            head: Self::head(tx.context()),
            event: event.event.to_owned(),
            outcome: event.outcome,
            user: event.user,
            details: storable(event.details),
        };
        let sealable = self.sealable(&entry, &origin(tx.context()));
        store::insert_security(tx, entry, sealable);
    }
}

impl Notifier for Recorder {
    fn notify(&self, tx: &mut Tx, notice: Notice) {
        notification::insert(tx, notice);
    }
}
