use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::{
    context::{Pass, RequestContext},
    http::{
        Anonymous, Body, Caller, Json, Problem,
        cookies::{LoginAnswer, LoginAnswerView, SessionKind, WithCookies},
    },
};

use super::view::{AcceptInvitation, AcceptInvite, AcceptedView};
use crate::{AcceptedByNewUser, AccessControl, NewAccount};

#[api_operation(
    operation_id = "accept_invitation",
    summary = "Accept an invitation, signed in or with a new account",
    tag = "access-control"
)]
pub(super) async fn accept(
    caller: Caller,
    access: Data<AccessControl>,
    body: Body<AcceptInvitation>,
) -> Result<WithCookies<Json<AcceptedView>>, Problem> {
    let body = body.into_inner();
    if caller.pass() != Pass::Open {
        let accepted = access.accept_invitation(&caller, &body.token).await?;
        return Ok(WithCookies::none(Json(accepted.into())));
    }
    let kind = body.session;
    let accepted = access.accept_invitation_as_new_user(&caller, &NewAccount::try_from(body)?).await?;
    Ok(answer(&caller, &accepted, kind).with(|view| Json(AcceptedView::SignedIn(view))))
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
) -> Result<WithCookies<Json<LoginAnswerView>>, Problem> {
    let kind = body.session;
    let accepted = access.accept_invitation_as_new_user(&caller, &body.into_inner().into()).await?;
    Ok(answer(&caller, &accepted, kind).with(Json))
}

fn answer(ctx: &RequestContext, accepted: &AcceptedByNewUser, kind: SessionKind) -> LoginAnswer {
    LoginAnswer::signed_in(ctx, &accepted.tokens, &accepted.person, kind)
}
