use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{
    Body, Created, Creator, Json, NoContent, PageView, Paging, Parameters, PathId, Problem, SignedIn,
};

use super::view::{CreateUserRole, UserRoleFilters, UserRoleView};
use crate::{AccessControl, model::UserRoleId};

#[api_operation(
    operation_id = "list_user_roles",
    summary = "List every role that users hold, tenant-wide and by membership",
    tag = "access-control"
)]
pub(super) async fn list(
    caller: SignedIn,
    access: Data<AccessControl>,
    filters: Parameters<UserRoleFilters>,
    paging: Paging,
) -> Result<Json<PageView<UserRoleView>>, Problem> {
    let page = access.list_user_roles(&caller, filters.into_inner().into(), &paging.request()).await?;
    Ok(paging.answer(page.map(UserRoleView::from)))
}

#[api_operation(
    operation_id = "create_user_role",
    summary = "Give a role to a user, tenant-wide or in a company",
    tag = "access-control"
)]
pub(super) async fn give(
    caller: Creator,
    access: Data<AccessControl>,
    body: Body<CreateUserRole>,
) -> Result<Created<UserRoleView>, Problem> {
    let given = access.give_user_role(&caller, &body.into_inner().into()).await?;
    Ok(Created::at(format!("/api/v1/user-roles/{}", given.id), given.into()))
}

#[api_operation(
    operation_id = "read_user_role",
    summary = "Read a role that a user holds",
    tag = "access-control"
)]
pub(super) async fn read(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<UserRoleId>,
) -> Result<Json<UserRoleView>, Problem> {
    Ok(Json(access.user_role(&caller, id.0).await?.into()))
}

#[api_operation(
    operation_id = "delete_user_role",
    summary = "Take a role from a user",
    tag = "access-control"
)]
pub(super) async fn take(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<UserRoleId>,
) -> Result<NoContent, Problem> {
    access.take_user_role(&caller, id.0).await?;
    Ok(NoContent)
}
