use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{Body, Json, Patch, PathId, Problem, SignedIn, WireBody},
    id::CompanyId,
    problem::{FieldCode, FieldError, FieldErrors},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::CompanyView;
use crate::Companies;

/// Where a company goes.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct MoveCompany {
    /// Below which other one; null makes it a root. Not to be left out.
    #[serde(default)]
    parent_id: Patch<CompanyId>,
}

impl WireBody for MoveCompany {}

impl MoveCompany {
    fn destination(self) -> Result<Option<CompanyId>, FieldErrors> {
        self.parent_id.into_option().ok_or_else(|| FieldError::new("/parent_id", FieldCode::Required).into())
    }
}

#[api_operation(
    operation_id = "move_company",
    summary = "Move a company, and all below it, to another place in the tree",
    tag = "company"
)]
pub(super) async fn relocate(
    caller: SignedIn,
    companies: Data<Companies>,
    id: PathId<CompanyId>,
    body: Body<MoveCompany>,
) -> Result<Json<CompanyView>, Problem> {
    let company = companies.relocate(&caller, *id, body.into_inner().destination()?).await?;
    Ok(Json(CompanyView::from(&company)).version(company.version))
}
