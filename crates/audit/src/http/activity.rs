use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{Json, PageView, Paging, Parameters, Problem, SignedIn};

use super::activity_view::{ActivityFilters, ActivityView};
use crate::Audit;

#[api_operation(
    operation_id = "list_activity_logs",
    summary = "List what was done, the newest first, as far as one may read it",
    tag = "audit"
)]
pub(super) async fn list(
    caller: SignedIn,
    audit: Data<Audit>,
    filters: Parameters<ActivityFilters>,
    paging: Paging,
) -> Result<Json<PageView<ActivityView>>, Problem> {
    let page = audit.list_activity(&caller, &filters.into_inner().into(), &paging.request()).await?;
    Ok(paging.answer(page.map(ActivityView::from)))
}

#[api_operation(
    operation_id = "list_my_activity_logs",
    summary = "List what one did oneself, the newest first",
    tag = "audit"
)]
pub(super) async fn list_own(
    caller: SignedIn,
    audit: Data<Audit>,
    paging: Paging,
) -> Result<Json<PageView<ActivityView>>, Problem> {
    let page = audit.list_own_activity(&caller, &paging.request()).await?;
    Ok(paging.answer(page.map(ActivityView::from)))
}
