//! Companies on the wire.

use apistos::ApiComponent;
use ouvira_common::{
    http::{Patch, WireBody},
    id::CompanyId,
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Branch, CompanyEdit, CompanyFilter, NewCompany,
    model::{Company, Edit, Status},
};

/// Whether a company is at work.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CompanyStatus {
    /// At work.
    Active,
    /// Put away; still there to be read.
    Archived,
}

impl From<Status> for CompanyStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Active => Self::Active,
            Status::Archived => Self::Archived,
        }
    }
}

impl From<CompanyStatus> for Status {
    fn from(status: CompanyStatus) -> Self {
        match status {
            CompanyStatus::Active => Self::Active,
            CompanyStatus::Archived => Self::Archived,
        }
    }
}

/// A company.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "Company")]
pub struct CompanyView {
    /// Id.
    id: CompanyId,
    /// What it is called.
    name: String,
    /// The name in the register.
    legal_name: Option<String>,
    /// The number at the tax office.
    tax_id: Option<String>,
    /// Below which other one it stands.
    parent_id: Option<CompanyId>,
    /// Whether it is at work.
    status: CompanyStatus,
    /// When it was founded.
    created_at: Timestamp,
    /// When it was last changed.
    updated_at: Timestamp,
    /// For `If-Match`.
    version: i64,
}

impl From<&Company> for CompanyView {
    fn from(company: &Company) -> Self {
        Self {
            id: company.id,
            name: company.particulars.name.clone(),
            legal_name: company.particulars.legal_name.clone(),
            tax_id: company.particulars.tax_id.clone(),
            parent_id: company.parent,
            status: company.particulars.status.into(),
            created_at: company.created_at,
            updated_at: company.updated_at,
            version: company.version,
        }
    }
}

/// A company and what stands below it.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "CompanyTree")]
pub(super) struct TreeView {
    /// The company.
    company: CompanyView,
    /// Those directly below it, by name; at most a hundred.
    children: Vec<TreeView>,
    /// Whether there are more directly below it: ask for its tree, or for the list with it as `parent_id`.
    has_more: bool,
}

impl From<&Branch> for TreeView {
    fn from(branch: &Branch) -> Self {
        Self {
            company: CompanyView::from(&branch.company),
            children: branch.children.iter().map(Self::from).collect(),
            has_more: branch.has_more,
        }
    }
}

/// A company to be founded.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct CreateCompany {
    /// What it is called: 1 to 200 characters, different from its siblings.
    name: String,
    /// The name in the register, at most 200 characters.
    legal_name: Option<String>,
    /// The number at the tax office, at most 50 characters.
    tax_id: Option<String>,
    /// Below which other one it shall stand; a root unless given.
    parent_id: Option<CompanyId>,
}

impl WireBody for CreateCompany {
    const READ_ONLY: &'static [&'static str] = &["id", "status", "created_at", "updated_at", "version"];
}

impl From<CreateCompany> for NewCompany {
    fn from(body: CreateCompany) -> Self {
        Self { name: body.name, legal_name: body.legal_name, tax_id: body.tax_id, parent: body.parent_id }
    }
}

/// A company in place of the present one; what is left out gets its default.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct ReplaceCompany {
    /// What it is called: 1 to 200 characters, different from its siblings.
    name: String,
    /// The name in the register, at most 200 characters; none unless given.
    legal_name: Option<String>,
    /// The number at the tax office, at most 50 characters; none unless given.
    tax_id: Option<String>,
    /// Whether it is at work; it is unless given.
    status: Option<CompanyStatus>,
}

/// A company is moved by a route of its own.
const READ_ONLY: &[&str] = &["id", "parent_id", "created_at", "updated_at", "version"];

impl WireBody for ReplaceCompany {
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

impl From<ReplaceCompany> for CompanyEdit {
    fn from(body: ReplaceCompany) -> Self {
        Self {
            name: Edit::To(body.name),
            legal_name: body.legal_name.into(),
            tax_id: body.tax_id.into(),
            status: body.status.map(Status::from).into(),
        }
    }
}

/// Changes of a company; null gives a member its default.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema, ApiComponent)]
#[serde(default)]
pub(super) struct CompanyPatch {
    /// What it is called: 1 to 200 characters, different from its siblings.
    name: Patch<String>,
    /// The name in the register, at most 200 characters.
    legal_name: Patch<String>,
    /// The number at the tax office, at most 50 characters.
    tax_id: Patch<String>,
    /// Whether it is at work.
    status: Patch<CompanyStatus>,
}

impl WireBody for CompanyPatch {
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

impl From<CompanyPatch> for CompanyEdit {
    fn from(body: CompanyPatch) -> Self {
        Self {
            name: body.name.into(),
            legal_name: body.legal_name.into(),
            tax_id: body.tax_id.into(),
            status: body.status.map(Status::from).into(),
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

/// What a list of companies is narrowed to.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct CompanyFilters {
    /// Only those directly below this one.
    parent_id: Option<CompanyId>,
    /// Only those at work, or only those put away.
    status: Option<CompanyStatus>,
    /// Words of which each begins a word of the name, the legal name or the tax id.
    search: Option<String>,
}

impl From<CompanyFilters> for CompanyFilter {
    fn from(filters: CompanyFilters) -> Self {
        Self { parent: filters.parent_id, status: filters.status.map(Status::from), search: filters.search }
    }
}
