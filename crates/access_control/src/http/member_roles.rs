use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{
    Body, Created, Creator, Json, NoContent, PageView, Paging, Parameters, PathId, Problem, SignedIn,
};

use super::view::{CreateUserCompanyRole, UserCompanyRoleFilters, UserCompanyRoleView};
use crate::{
    AccessControl,
    model::{MembershipId, UserRoleId},
};

#[api_operation(
    operation_id = "list_user_company_roles",
    summary = "List the roles of members",
    tag = "access-control"
)]
pub(super) async fn list(
    caller: SignedIn,
    access: Data<AccessControl>,
    filters: Parameters<UserCompanyRoleFilters>,
    paging: Paging,
) -> Result<Json<PageView<UserCompanyRoleView>>, Problem> {
    let membership = filters.user_company_id.map(MembershipId);
    let page = access.list_member_roles(&caller, membership, &paging.request()).await?;
    Ok(paging.answer(page.map(UserCompanyRoleView::from)))
}

#[api_operation(
    operation_id = "create_user_company_role",
    summary = "Give a role to a member",
    tag = "access-control"
)]
pub(super) async fn give(
    caller: Creator,
    access: Data<AccessControl>,
    body: Body<CreateUserCompanyRole>,
) -> Result<Created<UserCompanyRoleView>, Problem> {
    let given = access.give_member_role(&caller, &body.into_inner().into()).await?;
    Ok(Created::at(format!("/api/v1/access-control/user-company-roles/{}", given.id), given.into()))
}

#[api_operation(
    operation_id = "read_user_company_role",
    summary = "Read a role of a member",
    tag = "access-control"
)]
pub(super) async fn read(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<UserRoleId>,
) -> Result<Json<UserCompanyRoleView>, Problem> {
    Ok(Json(access.member_role(&caller, id.0).await?.into()))
}

#[api_operation(
    operation_id = "delete_user_company_role",
    summary = "Take a role from a member",
    tag = "access-control"
)]
pub(super) async fn take(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<UserRoleId>,
) -> Result<NoContent, Problem> {
    access.take_member_role(&caller, id.0).await?;
    Ok(NoContent)
}
