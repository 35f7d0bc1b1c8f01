use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{Anonymous, Body, Json, Problem, TokenPairView, WireBody},
    secret::Secret,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Auth;

/// The refresh token of the last pair.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct RefreshBody {
    #[schemars(with = "String")]
    refresh_token: Secret,
}

impl WireBody for RefreshBody {}

#[api_operation(
    operation_id = "refresh_token",
    summary = "Trade a refresh token for the next pair",
    description = "The last token traded gets the same successor for ten seconds; any older one ends the session: 401 \
                   `refresh_token_reused`.",
    tag = "auth"
)]
pub(super) async fn refresh(
    caller: Anonymous,
    auth: Data<Auth>,
    body: Body<RefreshBody>,
) -> Result<Json<TokenPairView>, Problem> {
    let tokens = auth.refresh(&caller, &body.refresh_token).await?;
    Ok(Json(TokenPairView::from(&tokens)))
}
