use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{Json, PageView, Paging, Parameters, Problem, SignedIn};

use super::view::{CompanyFilters, CompanyView};
use crate::Companies;

#[api_operation(
    operation_id = "list_companies",
    summary = "List and search the companies one may see",
    tag = "company"
)]
pub(super) async fn list(
    caller: SignedIn,
    companies: Data<Companies>,
    filters: Parameters<CompanyFilters>,
    paging: Paging,
) -> Result<Json<PageView<CompanyView>>, Problem> {
    let page = companies.list(&caller, &filters.into_inner().into(), &paging.request()).await?;
    Ok(paging.answer(page.map(|company| CompanyView::from(&company))))
}
