use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::{
    http::{Json, PageView, Paging, Problem, SignedIn},
    page::Page,
};

use super::view::TenantView;
use crate::Tenancy;

#[api_operation(
    operation_id = "list_tenants",
    summary = "List the tenants one may see: one's own",
    tag = "tenants"
)]
pub(super) async fn list(
    caller: SignedIn,
    tenancy: Data<Tenancy>,
    paging: Paging,
) -> Result<Json<PageView<TenantView>>, Problem> {
    let own = tenancy.read(&caller, caller.tenant_id()).await?;
    let total = paging.request().count.then_some(1);
    Ok(paging.answer(Page { items: vec![own.into()], next: None, total }))
}
