use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{
    Body, Created, Creator, Json, NoContent, PageView, Paging, Parameters, PathId, Problem, SignedIn,
};

use super::view::{CreateObjectGrant, ObjectGrantFilters, ObjectGrantView};
use crate::{AccessControl, model::ObjectGrantId};

#[api_operation(
    operation_id = "list_object_grants",
    summary = "List permissions on single objects",
    tag = "access-control"
)]
pub(super) async fn list(
    caller: SignedIn,
    access: Data<AccessControl>,
    filters: Parameters<ObjectGrantFilters>,
    paging: Paging,
) -> Result<Json<PageView<ObjectGrantView>>, Problem> {
    let page = access.list_object_grants(&caller, filters.holder()?, &paging.request()).await?;
    Ok(paging.answer(page.map(ObjectGrantView::from)))
}

#[api_operation(
    operation_id = "create_object_grant",
    summary = "Give a permission on one object to a user or a role",
    tag = "access-control"
)]
pub(super) async fn create(
    caller: Creator,
    access: Data<AccessControl>,
    body: Body<CreateObjectGrant>,
) -> Result<Created<ObjectGrantView>, Problem> {
    let grant = access.create_object_grant(&caller, &body.into_inner().try_into()?).await?;
    Ok(Created::at(format!("/api/v1/access-control/object-grants/{}", grant.id), grant.into()))
}

#[api_operation(
    operation_id = "read_object_grant",
    summary = "Read a permission on one object",
    tag = "access-control"
)]
pub(super) async fn read(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<ObjectGrantId>,
) -> Result<Json<ObjectGrantView>, Problem> {
    Ok(Json(access.object_grant(&caller, id.0).await?.into()))
}

#[api_operation(
    operation_id = "delete_object_grant",
    summary = "Take a permission on one object back",
    tag = "access-control"
)]
pub(super) async fn delete(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<ObjectGrantId>,
) -> Result<NoContent, Problem> {
    access.delete_object_grant(&caller, id.0).await?;
    Ok(NoContent)
}
