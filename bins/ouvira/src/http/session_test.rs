//! `GET /account/session-tests`.

use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{Json, Problem, SignedIn},
    id::{SessionId, UserId},
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::me::Me;

/// A session that works.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "SessionTest")]
pub(super) struct SessionTestView {
    /// Whose it is.
    user_id: UserId,
    /// The session.
    session_id: Option<SessionId>,
    /// The tenant's slug.
    tenant: String,
    /// When its user last proved who they are.
    authenticated_at: Option<Timestamp>,
    /// When the access token is over.
    expires_at: Option<Timestamp>,
}

#[api_operation(
    operation_id = "test_session",
    summary = "Whether the caller's session works",
    description = "Asks the gate and nothing else.",
    tag = "account"
)]
pub(super) async fn read(caller: SignedIn, me: Data<Me>) -> Result<Json<SessionTestView>, Problem> {
    let user_id = caller.user()?;
    me.test_session(&caller).await?;
    Ok(Json(SessionTestView {
        user_id,
        session_id: caller.session_id(),
        tenant: caller.tenant().slug.clone(),
        authenticated_at: caller.authentication().at,
        expires_at: caller.authentication().until,
    }))
}
