use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::{
    http::{Json, NoContent, PageView, Paging, PathId, Problem, SignedIn},
    id::SessionId,
};

use super::view::SessionView;
use crate::Auth;

#[api_operation(operation_id = "list_sessions", summary = "Where one is signed in", tag = "auth")]
pub(super) async fn list_sessions(
    paging: Paging,
    caller: SignedIn,
    auth: Data<Auth>,
) -> Result<Json<PageView<SessionView>>, Problem> {
    caller.user()?;
    let page = auth.list_sessions(&caller, paging.request()).await?;
    Ok(paging.answer(page.map(SessionView::from)))
}

#[api_operation(operation_id = "end_session", summary = "Sign out one device", tag = "auth")]
pub(super) async fn end_session(
    caller: SignedIn,
    auth: Data<Auth>,
    id: PathId<SessionId>,
) -> Result<NoContent, Problem> {
    caller.user()?;
    auth.end_session(&caller, *id).await?;
    Ok(NoContent)
}

#[api_operation(
    operation_id = "end_other_sessions",
    summary = "Sign out all other devices",
    description = "Asks for a sign-in within the last ten minutes: 403 `reauthentication_required`.",
    tag = "auth"
)]
pub(super) async fn end_other_sessions(caller: SignedIn, auth: Data<Auth>) -> Result<NoContent, Problem> {
    caller.user()?;
    auth.end_other_sessions(&caller).await?;
    Ok(NoContent)
}
