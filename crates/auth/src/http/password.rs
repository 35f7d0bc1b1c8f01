use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{Accepted, Anonymous, Body, NoContent, Problem, SignedIn, WireBody},
    secret::Secret,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::view::Nothing;
use crate::Auth;

/// The present password, and the one to come.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct ChangePasswordBody {
    #[schemars(with = "String")]
    current_password: Secret,
    /// 8 to 128 characters; not a common one.
    #[schemars(with = "String")]
    new_password: Secret,
}

/// Whose password was forgotten.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct ForgotPasswordBody {
    email: String,
}

/// The token of the link, and the password to come.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct ResetPasswordBody {
    #[schemars(with = "String")]
    token: Secret,
    /// 8 to 128 characters; not a common one.
    #[schemars(with = "String")]
    new_password: Secret,
}

impl WireBody for ChangePasswordBody {}
impl WireBody for ForgotPasswordBody {}
impl WireBody for ResetPasswordBody {}

#[api_operation(
    operation_id = "change_password",
    summary = "Choose another password",
    description = "All other sessions end. Asks for a sign-in within the last ten minutes.",
    tag = "auth"
)]
pub(super) async fn change(
    caller: SignedIn,
    auth: Data<Auth>,
    body: Body<ChangePasswordBody>,
) -> Result<NoContent, Problem> {
    caller.user()?;
    auth.change_password(&caller, &body.current_password, &body.new_password).await?;
    Ok(NoContent)
}

#[api_operation(
    operation_id = "forgot_password",
    summary = "Ask for a link to choose a new password",
    description = "Always 202. A link is sent only to a verified address of an account.",
    tag = "auth"
)]
pub(super) async fn forgot(
    caller: Anonymous,
    auth: Data<Auth>,
    body: Body<ForgotPasswordBody>,
) -> Result<Accepted<Nothing>, Problem> {
    auth.forgot_password(&caller, &body.email).await?;
    Ok(Accepted(Nothing {}))
}

#[api_operation(
    operation_id = "reset_password",
    summary = "Choose a new password with the token of a link",
    description = "All sessions end. Bad token: 422 `reset_token_invalid`.",
    tag = "auth"
)]
pub(super) async fn reset(
    caller: Anonymous,
    auth: Data<Auth>,
    body: Body<ResetPasswordBody>,
) -> Result<NoContent, Problem> {
    auth.reset_password(&caller, &body.token, &body.new_password).await?;
    Ok(NoContent)
}
