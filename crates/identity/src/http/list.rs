use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{Json, PageView, Paging, Parameters, Problem, SignedIn, UserView};

use super::view::{UserFilters, view};
use crate::Users;

#[api_operation(operation_id = "list_users", summary = "List and search the tenant's users", tag = "account")]
pub(super) async fn list(
    caller: SignedIn,
    users: Data<Users>,
    filters: Parameters<UserFilters>,
    paging: Paging,
) -> Result<Json<PageView<UserView>>, Problem> {
    let page = users.list(&caller, filters.into_inner().into(), &paging.request()).await?;
    Ok(paging.answer(page.map(|user| view(&user))))
}
