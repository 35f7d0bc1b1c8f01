use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::{
    http::{Body, IfMatch, Json, MergePatch, PathId, Problem, SignedIn},
    id::CompanyId,
};

use super::view::{CompanyPatch, CompanyView, ReplaceCompany};
use crate::Companies;

#[api_operation(
    operation_id = "replace_company",
    summary = "Replace what is said of a company; what is left out gets its default",
    tag = "company"
)]
pub(super) async fn replace(
    caller: SignedIn,
    companies: Data<Companies>,
    id: PathId<CompanyId>,
    version: IfMatch,
    body: Body<ReplaceCompany>,
) -> Result<Json<CompanyView>, Problem> {
    let company = companies.update(&caller, *id, version.0, body.into_inner().into()).await?;
    Ok(Json(CompanyView::from(&company)).version(company.version))
}

#[api_operation(
    operation_id = "patch_company",
    summary = "Change, archive or bring back to work a company",
    tag = "company"
)]
pub(super) async fn patch(
    caller: SignedIn,
    companies: Data<Companies>,
    id: PathId<CompanyId>,
    version: IfMatch,
    body: MergePatch<CompanyPatch>,
) -> Result<Json<CompanyView>, Problem> {
    let company = companies.update(&caller, *id, version.0, body.into_inner().into()).await?;
    Ok(Json(CompanyView::from(&company)).version(company.version))
}
