use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::{
    http::{Json, PathId, Problem, SignedIn},
    id::CompanyId,
};

use super::view::CompanyView;
use crate::Companies;

#[api_operation(
    operation_id = "restore_company",
    summary = "Restore a company that was deleted within thirty days",
    tag = "company"
)]
pub(super) async fn restore(
    caller: SignedIn,
    companies: Data<Companies>,
    id: PathId<CompanyId>,
) -> Result<Json<CompanyView>, Problem> {
    let company = companies.restore(&caller, *id).await?;
    Ok(Json(CompanyView::from(&company)).version(company.version))
}
