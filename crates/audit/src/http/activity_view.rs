//! Activities on the wire.

use std::collections::BTreeMap;

use apistos::ApiComponent;
use ouvira_common::{
    id::CompanyId,
    principal::{Principal, PrincipalKind},
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    ActivityFilter, Order,
    model::{ActivityRecord, ShownChange, Via},
};

/// The kinds of actor.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ActorType {
    /// A person inside the tenant.
    User,
    /// A program inside the tenant.
    ServiceAccount,
    /// A person who runs the platform, acting in the tenant by a grant.
    Operator,
    /// The platform itself, or somebody who had not signed in yet.
    System,
}

impl From<PrincipalKind> for ActorType {
    fn from(kind: PrincipalKind) -> Self {
        match kind {
            PrincipalKind::User => Self::User,
            PrincipalKind::ServiceAccount => Self::ServiceAccount,
            PrincipalKind::Operator => Self::Operator,
            PrincipalKind::System => Self::System,
        }
    }
}

/// Who did something.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Actor")]
pub(super) struct ActorView {
    /// What kind of actor.
    r#type: ActorType,
    /// Its id among its kind; zeros for the system.
    id: Uuid,
    /// What it is called today.
    label: Option<String>,
}

impl ActorView {
    pub(super) fn new(actor: Principal, label: Option<String>) -> Self {
        Self { r#type: actor.kind.into(), id: actor.id, label }
    }
}

/// On whose leave an actor came in, when it was not a session of their own.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ActorVia")]
pub(super) struct ViaView {
    /// `open`, `grant`, `job` or `provisioning`.
    r#type: String,
    /// The grant or the job.
    id: Option<Uuid>,
}

impl From<&Via> for ViaView {
    fn from(via: &Via) -> Self {
        Self { r#type: via.kind.clone(), id: via.id }
    }
}

/// What was acted on.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ActedOn")]
pub(super) struct ObjectView {
    /// Singular resource name.
    r#type: String,
    /// Its id; zeros for a list that was read.
    id: Uuid,
    /// What it was called then.
    label: Option<String>,
}

/// One changed field.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FieldChange")]
pub(super) struct ChangeView {
    /// Before; null when it began.
    from: Value,
    /// After; null when it ended.
    to: Value,
    /// Whether the values are withheld: a secret, or erased.
    redacted: bool,
}

impl From<ShownChange> for ChangeView {
    fn from(change: ShownChange) -> Self {
        Self { from: change.values.from, to: change.values.to, redacted: change.redacted }
    }
}

/// Something that was done.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "ActivityLog")]
pub(super) struct ActivityView {
    /// Id.
    id: Uuid,
    /// When.
    at: Timestamp,
    /// Who.
    actor: ActorView,
    /// On whose leave; null for a session of the actor's own.
    via: Option<ViaView>,
    /// `<object type>.<verb>` in the past.
    action: String,
    /// On what.
    object: ObjectView,
    /// In which company.
    company_id: Option<CompanyId>,
    /// What changed, by field.
    changes: BTreeMap<String, ChangeView>,
    /// The client's address.
    ip: Option<String>,
    /// `User-Agent`.
    user_agent: Option<String>,
    /// `X-Request-Id`.
    request_id: String,
}

impl From<ActivityRecord> for ActivityView {
    fn from(record: ActivityRecord) -> Self {
        let changes = record.changes().into_iter().map(|(field, change)| (field, change.into())).collect();
        let ActivityRecord { entry, personal, actor_label } = record;
        let personal = personal.unwrap_or_default();
        Self {
            id: entry.head.id,
            at: entry.head.at,
            actor: ActorView::new(entry.head.actor, actor_label),
            via: entry.head.via.as_ref().map(ViaView::from),
            action: entry.action,
            object: ObjectView {
                r#type: entry.object_kind,
                id: entry.object_id,
                label: personal.object_label,
            },
            company_id: entry.company,
            changes,
            ip: personal.ip,
            user_agent: personal.user_agent,
            request_id: entry.head.request_id,
        }
    }
}

/// What a list of activities is narrowed to.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct ActivityFilters {
    /// From this instant on.
    from: Option<Timestamp>,
    /// Before this instant.
    to: Option<Timestamp>,
    /// Only what this actor did.
    actor_id: Option<Uuid>,
    /// Only this, such as `company.created`.
    action: Option<String>,
    /// Only what was done to this kind of object.
    object_type: Option<String>,
    /// Only what was done to this object.
    object_id: Option<Uuid>,
    /// Only what was done in this company.
    company_id: Option<CompanyId>,
    /// The newest first (`-at`) unless given.
    sort: Option<LogSort>,
}

/// In which order a log is read.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
pub(super) enum LogSort {
    /// The oldest first.
    #[serde(rename = "at")]
    Oldest,
    /// The newest first.
    #[serde(rename = "-at")]
    Newest,
}

impl From<Option<LogSort>> for Order {
    fn from(sort: Option<LogSort>) -> Self {
        match sort {
            Some(LogSort::Oldest) => Self::Oldest,
            Some(LogSort::Newest) | None => Self::Newest,
        }
    }
}

impl From<ActivityFilters> for ActivityFilter {
    fn from(filters: ActivityFilters) -> Self {
        Self {
            id: None,
            from: filters.from,
            to: filters.to,
            actor_kind: None,
            actor_id: filters.actor_id,
            action: filters.action,
            object_kind: filters.object_type,
            object_id: filters.object_id,
            company: filters.company_id,
            order: filters.sort.into(),
        }
    }
}
