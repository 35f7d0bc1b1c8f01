use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{
    Body, Created, Creator, IfMatch, Json, NoContent, PageView, Paging, Parameters, PathId, Problem, SignedIn,
};

use super::view::{CreateInvitation, InvitationFilters, InvitationView, ReplaceInvitation};
use crate::{
    AccessControl,
    model::{Invitation, InvitationId},
};

/// 201 with the invitation.
pub(super) fn created(invitation: Invitation) -> Created<InvitationView> {
    let (id, version) = (invitation.id, invitation.version);
    Created::at(format!("/api/v1/access-control/invitations/{id}"), invitation.into()).version(version)
}

fn answered(invitation: Invitation) -> Json<InvitationView> {
    let version = invitation.version;
    Json(invitation.into()).version(version)
}

#[api_operation(
    operation_id = "list_invitations",
    summary = "List invitations, the newest first",
    tag = "access-control"
)]
pub(super) async fn list(
    caller: SignedIn,
    access: Data<AccessControl>,
    filters: Parameters<InvitationFilters>,
    paging: Paging,
) -> Result<Json<PageView<InvitationView>>, Problem> {
    let page = access.list_invitations(&caller, filters.into_inner().into(), &paging.request()).await?;
    Ok(paging.answer(page.map(InvitationView::from)))
}

#[api_operation(
    operation_id = "create_invitation",
    summary = "Invite somebody by mail or SMS to a company, or to the tenant",
    tag = "access-control"
)]
pub(super) async fn create(
    caller: Creator,
    access: Data<AccessControl>,
    body: Body<CreateInvitation>,
) -> Result<Created<InvitationView>, Problem> {
    Ok(created(access.create_invitation(&caller, &body.into_inner().into()).await?))
}

#[api_operation(operation_id = "read_invitation", summary = "Read an invitation", tag = "access-control")]
pub(super) async fn read(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<InvitationId>,
) -> Result<Json<InvitationView>, Problem> {
    Ok(answered(access.invitation(&caller, id.0).await?))
}

#[api_operation(
    operation_id = "replace_invitation",
    summary = "Change a pending invitation; nothing is sent",
    tag = "access-control"
)]
pub(super) async fn replace(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<InvitationId>,
    version: IfMatch,
    body: Body<ReplaceInvitation>,
) -> Result<Json<InvitationView>, Problem> {
    Ok(answered(access.update_invitation(&caller, id.0, &body.into_inner().into(), version.0).await?))
}

#[api_operation(operation_id = "delete_invitation", summary = "Delete an invitation", tag = "access-control")]
pub(super) async fn delete(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<InvitationId>,
    version: IfMatch,
) -> Result<NoContent, Problem> {
    access.delete_invitation(&caller, id.0, version.0).await?;
    Ok(NoContent)
}

#[api_operation(
    operation_id = "revoke_invitation",
    summary = "Take a pending invitation back",
    tag = "access-control"
)]
pub(super) async fn revoke(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<InvitationId>,
) -> Result<Json<InvitationView>, Problem> {
    Ok(answered(access.revoke_invitation(&caller, id.0).await?))
}

#[api_operation(
    operation_id = "resend_invitation",
    summary = "Send an invitation again, with a new token",
    tag = "access-control"
)]
pub(super) async fn resend(
    caller: SignedIn,
    access: Data<AccessControl>,
    id: PathId<InvitationId>,
) -> Result<Json<InvitationView>, Problem> {
    Ok(answered(access.resend_invitation(&caller, id.0).await?))
}
