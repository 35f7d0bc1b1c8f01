use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{Body, Created, Creator, Problem};

use super::view::{CompanyView, CreateCompany};
use crate::Companies;

#[api_operation(
    operation_id = "create_company",
    summary = "Found a company and become its owner",
    tag = "company"
)]
pub(super) async fn create(
    caller: Creator,
    companies: Data<Companies>,
    body: Body<CreateCompany>,
) -> Result<Created<CompanyView>, Problem> {
    let company = companies.create(&caller, body.into_inner().into()).await?;
    let location = format!("/api/v1/company/{}", company.id);
    Ok(Created::at(location, CompanyView::from(&company)).version(company.version))
}
