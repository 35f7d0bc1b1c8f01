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

/// The token of the link.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct VerifyEmailBody {
    #[schemars(with = "String")]
    token: Secret,
}

impl WireBody for VerifyEmailBody {}

#[api_operation(
    operation_id = "verify_email",
    summary = "Prove an e-mail address with the token of a link",
    description = "Bad token: 422 `verification_token_invalid`.",
    tag = "auth"
)]
pub(super) async fn verify(
    caller: Anonymous,
    auth: Data<Auth>,
    body: Body<VerifyEmailBody>,
) -> Result<NoContent, Problem> {
    auth.verify_email(&caller, &body.token).await?;
    Ok(NoContent)
}

#[api_operation(operation_id = "resend_email", summary = "Send the link once more", tag = "auth")]
pub(super) async fn resend(caller: SignedIn, auth: Data<Auth>) -> Result<Accepted<Nothing>, Problem> {
    caller.user()?;
    auth.resend_verification(&caller).await?;
    Ok(Accepted(Nothing {}))
}
