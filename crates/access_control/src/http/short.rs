use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::{
    http::{Body, Created, Creator, PathId, Problem},
    id::TenantId,
};

use super::{
    invitations::created,
    view::{AssignRole, InvitationView, InviteByEmail, UserRoleView},
};
use crate::{AccessControl, AccessError, RoleWord};

#[api_operation(operation_id = "assign_role", summary = "Give a role by its name", tag = "access-control")]
pub(super) async fn assign_role(
    caller: Creator,
    access: Data<AccessControl>,
    body: Body<AssignRole>,
) -> Result<Created<UserRoleView>, Problem> {
    let AssignRole { user_id, role, company_id } = body.into_inner();
    let given = access.assign_role(&caller, user_id, &RoleWord(role), company_id).await?;
    Ok(Created::at(format!("/api/v1/user-roles/{}", given.id), given.into()))
}

#[api_operation(
    operation_id = "invite_user",
    summary = "Invite somebody to the tenant by mail",
    tag = "access-control"
)]
pub(super) async fn invite(
    caller: Creator,
    access: Data<AccessControl>,
    body: Body<InviteByEmail>,
) -> Result<Created<InvitationView>, Problem> {
    let InviteByEmail { email, role } = body.into_inner();
    Ok(created(access.invite_by_email(&caller, &email, role.map(RoleWord).as_ref()).await?))
}

#[api_operation(
    operation_id = "invite_to_tenant",
    summary = "Invite somebody to one's own tenant by mail",
    tag = "access-control"
)]
pub(super) async fn invite_to_tenant(
    caller: Creator,
    access: Data<AccessControl>,
    tenant: PathId<TenantId>,
    body: Body<InviteByEmail>,
) -> Result<Created<InvitationView>, Problem> {
    if tenant.0 != caller.tenant_id() {
        return Err(AccessError::NotFound.into());
    }
    let InviteByEmail { email, role } = body.into_inner();
    Ok(created(access.invite_by_email(&caller, &email, role.map(RoleWord).as_ref()).await?))
}
