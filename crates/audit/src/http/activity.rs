use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{Json, PageView, Paging, Parameters, Problem, SignedIn};

use super::{
    activity_view::{ActivityFilters, ActivityView},
    export::{Logs, Wanted},
};
use crate::Audit;

#[api_operation(
    operation_id = "list_activity_logs",
    summary = "List what was done, as far as one may read it; all of it as CSV or JSON lines",
    tag = "audit"
)]
pub(super) async fn list(
    caller: SignedIn,
    audit: Data<Audit>,
    wanted: Wanted,
    filters: Parameters<ActivityFilters>,
    paging: Paging,
) -> Result<Logs, Problem> {
    let filter = filters.into_inner().into();
    if let Some(format) = wanted.0 {
        let export = audit.export_activity(&caller, filter, format).await?;
        return Ok(Logs::Export(Box::new(export), format));
    }
    let page = audit.list_activity(&caller, &filter, &paging.request()).await?;
    Ok(Logs::Page(paging.answer(page.map(ActivityView::from))))
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
