use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{Body, Json, PlatformVisitor, Problem, TokenPairView, WireBody},
    secret::Secret,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::OperatorAuth;

/// The refresh token of the last pair.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct OperatorRefreshBody {
    #[schemars(with = "String")]
    refresh_token: Secret,
}

impl WireBody for OperatorRefreshBody {}

#[api_operation(
    operation_id = "refresh_operator_token",
    summary = "Trade an operator's refresh token for the next pair",
    description = "The last token traded gets the same successor for ten seconds; any older one ends the session: 401 \
                   `refresh_token_reused`.",
    tag = "operators"
)]
pub(super) async fn refresh(
    visitor: PlatformVisitor,
    auth: Data<OperatorAuth>,
    body: Body<OperatorRefreshBody>,
) -> Result<Json<TokenPairView>, Problem> {
    let tokens = auth.refresh(&visitor, &body.refresh_token).await?;
    Ok(Json((&tokens).into()))
}
