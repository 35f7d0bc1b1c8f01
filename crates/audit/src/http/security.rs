use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{Json, PageView, Paging, Parameters, Problem, SignedIn},
    id::UserId,
    ports::Outcome,
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::activity_view::{ActorView, LogSort, ViaView};
use crate::{Audit, SecurityFilter, model::SecurityRecord};

/// How a security event went.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum SecurityOutcome {
    /// It worked.
    Success,
    /// It was refused.
    Failure,
}

/// Something that concerned the security of an account.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "SecurityLog")]
pub(super) struct SecurityView {
    /// Id.
    id: Uuid,
    /// When.
    at: Timestamp,
    /// Whose account.
    user_id: Option<UserId>,
    /// Who brought it about.
    actor: ActorView,
    /// On whose leave; null for a session of the actor's own.
    via: Option<ViaView>,
    /// Such as `login.failed`.
    event: String,
    /// How it went.
    outcome: SecurityOutcome,
    /// The client's address.
    ip: Option<String>,
    /// `User-Agent`.
    user_agent: Option<String>,
    /// More.
    details: Value,
    /// `X-Request-Id`.
    request_id: String,
}

impl From<SecurityRecord> for SecurityView {
    fn from(record: SecurityRecord) -> Self {
        let SecurityRecord { entry, personal } = record;
        let personal = personal.unwrap_or_default();
        Self {
            id: entry.head.id,
            at: entry.head.at,
            user_id: entry.user,
            actor: ActorView::new(entry.head.actor, None),
            via: entry.head.via.as_ref().map(ViaView::from),
            event: entry.event,
            outcome: match entry.outcome {
                Outcome::Success => SecurityOutcome::Success,
                Outcome::Failure => SecurityOutcome::Failure,
            },
            ip: personal.ip,
            user_agent: personal.user_agent,
            details: entry.details,
            request_id: entry.head.request_id,
        }
    }
}

/// What a list of security events is narrowed to.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct SecurityFilters {
    /// Those of the whole tenant, which needs `audit.read`; one's own unless given.
    all: Option<bool>,
    /// From this instant on.
    from: Option<Timestamp>,
    /// Before this instant.
    to: Option<Timestamp>,
    /// Only those of this user's account.
    user_id: Option<UserId>,
    /// Only this, such as `login.failed`.
    event: Option<String>,
    /// Only what went like this.
    outcome: Option<SecurityOutcome>,
    /// The newest first (`-at`) unless given.
    sort: Option<LogSort>,
}

impl From<SecurityFilters> for SecurityFilter {
    fn from(filters: SecurityFilters) -> Self {
        let outcome = filters.outcome.map(|outcome| match outcome {
            SecurityOutcome::Success => Outcome::Success,
            SecurityOutcome::Failure => Outcome::Failure,
        });
        Self {
            from: filters.from,
            to: filters.to,
            user: filters.user_id,
            event: filters.event,
            outcome,
            order: filters.sort.into(),
        }
    }
}

#[api_operation(
    operation_id = "list_security_logs",
    summary = "List what concerned the security of one's own account, or of all",
    tag = "audit"
)]
pub(super) async fn list(
    caller: SignedIn,
    audit: Data<Audit>,
    filters: Parameters<SecurityFilters>,
    paging: Paging,
) -> Result<Json<PageView<SecurityView>>, Problem> {
    let filters = filters.into_inner();
    let page = if filters.all == Some(true) {
        audit.list_security(&caller, &filters.into(), &paging.request()).await?
    } else {
        audit.list_own_security(&caller, filters.into(), &paging.request()).await?
    };
    Ok(paging.answer(page.map(SecurityView::from)))
}
