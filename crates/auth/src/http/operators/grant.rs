use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{Body, Created, Problem, SignedInOperator, TokenType, WireBody},
    id::TenantId,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::view::GrantView;
use crate::OperatorAuth;

/// Where an operator wants to act, and why.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct GrantBody {
    tenant_id: TenantId,
    /// At most 500 characters; the tenant's own log shows it.
    reason: String,
    /// 1 to 480.
    minutes: u32,
}

impl WireBody for GrantBody {}

#[api_operation(
    operation_id = "grant_operator",
    summary = "Take leave to act in a tenant for a while",
    description = "Asks for a sign-in within the last ten minutes. The token is good on the tenant's routes, with the rights of \
                   its administrators; routes about oneself are 403 for it. The tenant's log has it.",
    tag = "operators"
)]
pub(super) async fn grant(
    caller: SignedInOperator,
    auth: Data<OperatorAuth>,
    body: Body<GrantBody>,
) -> Result<Created<GrantView>, Problem> {
    let GrantBody { tenant_id, reason, minutes } = body.into_inner();
    let token = auth.grant(&caller.ctx, &caller.token, tenant_id, reason, minutes).await?;
    let view = GrantView {
        access_token: token.access_token.expose().to_owned(),
        token_type: TokenType::Bearer,
        expires_in: token.expires_in,
    };
    Ok(Created::at(format!("/api/v1/tenants/{tenant_id}"), view))
}
