use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::{
    http::{
        Body, Created, Creator, IfMatch, Json, MergePatch, NoContent, PageView, Paging, Parameters, PathId,
        Problem, SignedIn,
    },
    id::RoleId,
};

use super::view::{CreateRole, ReplaceRole, RoleFilters, RolePatch, RoleView};
use crate::{AccessControl, RoleFilter};

#[api_operation(
    operation_id = "list_roles",
    summary = "List roles, the system's and the tenant's own",
    tag = "access-control"
)]
pub(super) async fn list(
    caller: SignedIn,
    access: Data<AccessControl>,
    filters: Parameters<RoleFilters>,
    paging: Paging,
) -> Result<Json<PageView<RoleView>>, Problem> {
    let filter = RoleFilter { company: filters.company_id };
    let page = access.list_roles(&caller, filter, &paging.request()).await?;
    Ok(paging.answer(page.map(RoleView::from)))
}

#[api_operation(
    operation_id = "create_role",
    summary = "Add a role of the tenant's own",
    tag = "access-control"
)]
pub(super) async fn create(
    caller: Creator,
    access: Data<AccessControl>,
    body: Body<CreateRole>,
) -> Result<Created<RoleView>, Problem> {
    let role = access.create_role(&caller, &body.into_inner().into()).await?;
    let (id, version) = (role.id, role.version);
    Ok(Created::at(format!("/api/v1/access-control/roles/{id}"), role.into()).version(version))
}

#[api_operation(operation_id = "read_role", summary = "Read a role", tag = "access-control")]
pub(super) async fn read(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<RoleId>,
) -> Result<Json<RoleView>, Problem> {
    let role = access.role(&caller, id.0).await?;
    let version = role.version;
    Ok(Json(role.into()).version(version))
}

#[api_operation(
    operation_id = "replace_role",
    summary = "Replace a role of the tenant's own",
    tag = "access-control"
)]
pub(super) async fn replace(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<RoleId>,
    version: IfMatch,
    body: Body<ReplaceRole>,
) -> Result<Json<RoleView>, Problem> {
    let role = access.update_role(&caller, id.0, &body.into_inner().into(), version.0).await?;
    let version = role.version;
    Ok(Json(role.into()).version(version))
}

#[api_operation(
    operation_id = "patch_role",
    summary = "Change a role of the tenant's own",
    tag = "access-control"
)]
pub(super) async fn patch(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<RoleId>,
    version: IfMatch,
    body: MergePatch<RolePatch>,
) -> Result<Json<RoleView>, Problem> {
    let role = access.update_role(&caller, id.0, &body.into_inner().into(), version.0).await?;
    let version = role.version;
    Ok(Json(role.into()).version(version))
}

#[api_operation(
    operation_id = "delete_role",
    summary = "Delete a role of the tenant's own that nobody holds",
    tag = "access-control"
)]
pub(super) async fn delete(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<RoleId>,
    version: IfMatch,
) -> Result<NoContent, Problem> {
    access.delete_role(&caller, id.0, version.0).await?;
    Ok(NoContent)
}
