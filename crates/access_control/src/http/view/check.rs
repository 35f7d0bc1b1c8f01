//! Questions and answers on the wire.

use apistos::ApiComponent;
use ouvira_common::{
    http::WireBody,
    id::{CompanyId, RoleId, UserId},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Answer, Assumption, Assumptions, Because, ObjectName, Question, Questions, Reason, Via};

/// An object that is asked about.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CheckedObject")]
pub(in crate::http) struct ObjectBody {
    /// Singular name of its kind, such as `company`.
    #[serde(rename = "type")]
    kind: String,
    id: Uuid,
}

/// Whether somebody holds a permission.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Check")]
pub(in crate::http) struct CheckBody {
    /// Code of the permission.
    permission: String,
    /// In which company; tenant-wide unless given.
    company_id: Option<CompanyId>,
    /// On which object; then a grant on it suffices too.
    object: Option<ObjectBody>,
    /// Who; the caller unless given. Asking for others needs `role.read`.
    user_id: Option<UserId>,
}

/// That somebody holds a role, or does not.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Assumption")]
#[expect(clippy::struct_field_names, reason = "the names of the API")]
pub(in crate::http) struct AssumptionBody {
    user_id: UserId,
    role_id: RoleId,
    /// In which company; tenant-wide unless given.
    company_id: Option<CompanyId>,
}

/// What to take as given.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "Assumptions")]
pub(in crate::http) struct AssumptionsBody {
    /// As if these were held; at most 100.
    add: Option<Vec<AssumptionBody>>,
    /// As if these were not; at most 100.
    remove: Option<Vec<AssumptionBody>>,
}

/// Questions asked together.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
pub(in crate::http) struct CheckRequest {
    /// One to a hundred.
    checks: Vec<CheckBody>,
    /// Whether to tell why; false unless given.
    explain: Option<bool>,
    /// What to take as given; needs `role.read`.
    assume: Option<AssumptionsBody>,
}

impl WireBody for CheckRequest {}

impl From<CheckBody> for Question {
    fn from(body: CheckBody) -> Self {
        Self {
            permission: body.permission,
            company: body.company_id,
            object: body.object.map(|object| ObjectName { kind: object.kind, id: object.id }),
            user: body.user_id,
        }
    }
}

impl From<AssumptionBody> for Assumption {
    fn from(body: AssumptionBody) -> Self {
        Self { user: body.user_id, role: body.role_id, company: body.company_id }
    }
}

impl From<CheckRequest> for Questions {
    fn from(body: CheckRequest) -> Self {
        let list =
            |list: Option<Vec<AssumptionBody>>| list.unwrap_or_default().into_iter().map(Assumption::from);
        let assume = body.assume.unwrap_or_default();
        Self {
            checks: body.checks.into_iter().map(Question::from).collect(),
            explain: body.explain.unwrap_or_default(),
            assume: Assumptions { add: list(assume.add).collect(), remove: list(assume.remove).collect() },
        }
    }
}

/// How a right came to somebody.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Via")]
pub(in crate::http) enum ViaView {
    /// By a role in the company itself.
    Membership,
    /// By a role in a company above that reaches down.
    Inherited,
    /// By a role in the whole tenant.
    Tenant,
    /// By a grant on the object.
    ObjectGrant,
}

impl From<Via> for ViaView {
    fn from(via: Via) -> Self {
        match via {
            Via::Membership => Self::Membership,
            Via::Inherited => Self::Inherited,
            Via::Tenant => Self::Tenant,
            Via::ObjectGrant => Self::ObjectGrant,
        }
    }
}

/// One thing that gives somebody a permission.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Reason")]
pub(in crate::http) struct ReasonView {
    /// Code of the role behind it; null for a grant to the user.
    role: Option<String>,
    /// Where the role is held; null for the whole tenant.
    company_id: Option<CompanyId>,
    via: ViaView,
}

impl From<Reason> for ReasonView {
    fn from(reason: Reason) -> Self {
        Self { role: reason.role, company_id: reason.company, via: reason.via.into() }
    }
}

/// Why somebody may, or what is missing.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "Because")]
pub(in crate::http) enum BecauseView {
    /// Everything that gives it to them.
    Held(Vec<ReasonView>),
    /// Nothing does.
    Missing {
        /// Code of the permission.
        missing: String,
    },
}

impl From<Because> for BecauseView {
    fn from(because: Because) -> Self {
        match because {
            Because::Held(reasons) => Self::Held(reasons.into_iter().map(ReasonView::from).collect()),
            Because::Missing(missing) => Self::Missing { missing },
        }
    }
}

/// Whether they may.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CheckResult")]
pub(in crate::http) struct AnswerView {
    allowed: bool,
    /// Why; null unless asked.
    because: Option<BecauseView>,
}

/// The answers, in the order of the questions.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(in crate::http) struct CheckResults {
    results: Vec<AnswerView>,
}

impl From<Vec<Answer>> for CheckResults {
    fn from(answers: Vec<Answer>) -> Self {
        let view = |answer: Answer| AnswerView {
            allowed: answer.allowed,
            because: answer.because.map(BecauseView::from),
        };
        Self { results: answers.into_iter().map(view).collect() }
    }
}
