use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::{
    context::Pass,
    http::{Anonymous, Body, Caller, Json, LoginResultView, Problem},
};

use super::view::{AcceptInvitation, AcceptInvite, AcceptedView};
use crate::{AccessControl, NewAccount};

#[api_operation(
    operation_id = "accept_invitation",
    summary = "Accept an invitation, signed in or with a new account",
    tag = "access-control"
)]
pub(super) async fn accept(
    caller: Caller,
    access: Data<AccessControl>,
    body: Body<AcceptInvitation>,
) -> Result<Json<AcceptedView>, Problem> {
    let body = body.into_inner();
    if caller.pass() != Pass::Open {
        return Ok(Json(access.accept_invitation(&caller, &body.token).await?.into()));
    }
    let account = NewAccount::try_from(body)?;
    Ok(Json((&access.accept_invitation_as_new_user(&caller, &account).await?).into()))
}

#[api_operation(
    operation_id = "accept_invite",
    summary = "Accept an invitation with a new account",
    tag = "access-control"
)]
pub(super) async fn accept_as_new_user(
    caller: Anonymous,
    access: Data<AccessControl>,
    body: Body<AcceptInvite>,
) -> Result<Json<LoginResultView>, Problem> {
    let accepted = access.accept_invitation_as_new_user(&caller, &body.into_inner().into()).await?;
    Ok(Json(LoginResultView::signed_in(&accepted.tokens, &accepted.person)))
}
