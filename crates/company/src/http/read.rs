use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::{
    http::{Json, PathId, Problem, SignedIn},
    id::CompanyId,
};

use super::view::CompanyView;
use crate::Companies;

#[api_operation(operation_id = "read_company", summary = "Read a company", tag = "company")]
pub(super) async fn read(
    caller: SignedIn,
    companies: Data<Companies>,
    id: PathId<CompanyId>,
) -> Result<Json<CompanyView>, Problem> {
    let company = companies.read(&caller, *id).await?;
    Ok(Json(CompanyView::from(&company)).version(company.version))
}
