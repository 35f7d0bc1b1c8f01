use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{
    Body, Created, Creator, Json, NoContent, PageView, Paging, Parameters, PathId, Problem, SignedIn,
};

use super::view::{CreateRolePermission, RolePermissionFilters, RolePermissionView};
use crate::{
    AccessControl,
    model::{PermissionId, RolePermissionId},
};

#[api_operation(
    operation_id = "list_role_permissions",
    summary = "List what roles hold",
    tag = "access-control"
)]
pub(super) async fn list(
    caller: SignedIn,
    access: Data<AccessControl>,
    filters: Parameters<RolePermissionFilters>,
    paging: Paging,
) -> Result<Json<PageView<RolePermissionView>>, Problem> {
    let page = access.list_role_permissions(&caller, filters.role_id, &paging.request()).await?;
    Ok(paging.answer(page.map(RolePermissionView::from)))
}

#[api_operation(
    operation_id = "create_role_permission",
    summary = "Put a permission into a role",
    tag = "access-control"
)]
pub(super) async fn create(
    caller: Creator,
    access: Data<AccessControl>,
    body: Body<CreateRolePermission>,
) -> Result<Created<RolePermissionView>, Problem> {
    let permission = PermissionId(body.permission_id);
    let entry = access.add_role_permission(&caller, body.role_id, permission).await?;
    Ok(Created::at(format!("/api/v1/access-control/role-permissions/{}", entry.id), entry.into()))
}

#[api_operation(
    operation_id = "read_role_permission",
    summary = "Read one entry of what a role holds",
    tag = "access-control"
)]
pub(super) async fn read(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<RolePermissionId>,
) -> Result<Json<RolePermissionView>, Problem> {
    Ok(Json(access.role_permission(&caller, id.0).await?.into()))
}

#[api_operation(
    operation_id = "delete_role_permission",
    summary = "Take a permission out of a role",
    tag = "access-control"
)]
pub(super) async fn delete(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<RolePermissionId>,
) -> Result<NoContent, Problem> {
    access.remove_role_permission(&caller, id.0).await?;
    Ok(NoContent)
}
