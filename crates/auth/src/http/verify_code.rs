use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{Anonymous, Body, Json, Problem, WireBody},
    secret::Secret,
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Auth, ChallengeId};

/// The code that arrived.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct VerifyCodeBody {
    challenge_id: Uuid,
    /// Six digits.
    #[schemars(with = "String")]
    code: Secret,
}

impl WireBody for VerifyCodeBody {}

/// Shows at the end of the sign-up that the address was verified.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(super) struct SignupTokenView {
    signup_token: String,
    expires_at: Timestamp,
}

#[api_operation(
    operation_id = "verify_otp",
    summary = "Verify the address with the code",
    description = "Wrong: 422 `otp_invalid`; the fifth wrong one: 422 `otp_exhausted`.",
    tag = "auth"
)]
pub(super) async fn verify_code(
    caller: Anonymous,
    auth: Data<Auth>,
    body: Body<VerifyCodeBody>,
) -> Result<Json<SignupTokenView>, Problem> {
    let token = auth.verify_code(&caller, ChallengeId(body.challenge_id), &body.code).await?;
    Ok(Json(SignupTokenView { signup_token: token.token.expose().to_owned(), expires_at: token.expires_at }))
}
