use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{
    Body, Created, Creator, IfMatch, Json, MergePatch, NoContent, PageView, Paging, PathId, Problem, SignedIn,
};

use super::view::{CreatePermission, PermissionPatch, PermissionView};
use crate::{AccessControl, model::PermissionId};

#[api_operation(
    operation_id = "list_permissions",
    summary = "List permissions, the system's and the tenant's own",
    tag = "access-control"
)]
pub(super) async fn list(
    caller: SignedIn,
    access: Data<AccessControl>,
    paging: Paging,
) -> Result<Json<PageView<PermissionView>>, Problem> {
    let page = access.list_permissions(&caller, &paging.request()).await?;
    Ok(paging.answer(page.map(PermissionView::from)))
}

#[api_operation(
    operation_id = "create_permission",
    summary = "Add a permission of the tenant's own",
    tag = "access-control"
)]
pub(super) async fn create(
    caller: Creator,
    access: Data<AccessControl>,
    body: Body<CreatePermission>,
) -> Result<Created<PermissionView>, Problem> {
    let permission = access.create_permission(&caller, &body.into_inner().into()).await?;
    let (id, version) = (permission.id, permission.version);
    Ok(Created::at(format!("/api/v1/access-control/permissions/{id}"), permission.into()).version(version))
}

#[api_operation(operation_id = "read_permission", summary = "Read a permission", tag = "access-control")]
pub(super) async fn read(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<PermissionId>,
) -> Result<Json<PermissionView>, Problem> {
    let permission = access.permission(&caller, id.0).await?;
    let version = permission.version;
    Ok(Json(permission.into()).version(version))
}

#[api_operation(
    operation_id = "replace_permission",
    summary = "Replace a permission of the tenant's own",
    tag = "access-control"
)]
pub(super) async fn replace(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<PermissionId>,
    version: IfMatch,
    body: Body<CreatePermission>,
) -> Result<Json<PermissionView>, Problem> {
    let permission = access.update_permission(&caller, id.0, &body.into_inner().into(), version.0).await?;
    let version = permission.version;
    Ok(Json(permission.into()).version(version))
}

#[api_operation(
    operation_id = "patch_permission",
    summary = "Change a permission of the tenant's own",
    tag = "access-control"
)]
pub(super) async fn patch(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<PermissionId>,
    version: IfMatch,
    body: MergePatch<PermissionPatch>,
) -> Result<Json<PermissionView>, Problem> {
    let permission = access.update_permission(&caller, id.0, &body.into_inner().into(), version.0).await?;
    let version = permission.version;
    Ok(Json(permission.into()).version(version))
}

#[api_operation(
    operation_id = "delete_permission",
    summary = "Delete a permission of the tenant's own, out of every role too",
    tag = "access-control"
)]
pub(super) async fn delete(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<PermissionId>,
    version: IfMatch,
) -> Result<NoContent, Problem> {
    access.delete_permission(&caller, id.0, version.0).await?;
    Ok(NoContent)
}
