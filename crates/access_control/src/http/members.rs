use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{
    Body, Created, Creator, IfMatch, Json, NoContent, PageView, Paging, Parameters, PathId, Problem, SignedIn,
};

use super::view::{CreateUserCompany, ReplaceUserCompany, UserCompanyFilters, UserCompanyView};
use crate::{AccessControl, model::MembershipId};

#[api_operation(operation_id = "list_user_companies", summary = "List memberships", tag = "access-control")]
pub(super) async fn list(
    caller: SignedIn,
    access: Data<AccessControl>,
    filters: Parameters<UserCompanyFilters>,
    paging: Paging,
) -> Result<Json<PageView<UserCompanyView>>, Problem> {
    let page = access.list_memberships(&caller, filters.into_inner().into(), &paging.request()).await?;
    Ok(paging.answer(page.map(UserCompanyView::from)))
}

#[api_operation(
    operation_id = "create_user_company",
    summary = "Make a user a member of a company",
    tag = "access-control"
)]
pub(super) async fn create(
    caller: Creator,
    access: Data<AccessControl>,
    body: Body<CreateUserCompany>,
) -> Result<Created<UserCompanyView>, Problem> {
    let membership = access.create_membership(&caller, &body.into_inner().into()).await?;
    let (id, version) = (membership.id, membership.version);
    Ok(Created::at(format!("/api/v1/access-control/user-companies/{id}"), membership.into()).version(version))
}

#[api_operation(operation_id = "read_user_company", summary = "Read a membership", tag = "access-control")]
pub(super) async fn read(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<MembershipId>,
) -> Result<Json<UserCompanyView>, Problem> {
    let membership = access.membership(&caller, id.0).await?;
    let version = membership.version;
    Ok(Json(membership.into()).version(version))
}

#[api_operation(
    operation_id = "replace_user_company",
    summary = "Suspend a member, let them back, or change what they are called",
    tag = "access-control"
)]
pub(super) async fn replace(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<MembershipId>,
    version: IfMatch,
    body: Body<ReplaceUserCompany>,
) -> Result<Json<UserCompanyView>, Problem> {
    let membership = access.update_membership(&caller, id.0, &body.into_inner().into(), version.0).await?;
    let version = membership.version;
    Ok(Json(membership.into()).version(version))
}

#[api_operation(
    operation_id = "delete_user_company",
    summary = "End a membership, or leave",
    tag = "access-control"
)]
pub(super) async fn delete(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<MembershipId>,
    version: IfMatch,
) -> Result<NoContent, Problem> {
    access.delete_membership(&caller, id.0, version.0).await?;
    Ok(NoContent)
}
