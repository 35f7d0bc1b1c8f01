use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{Body, Json, PlatformVisitor, Problem, WireBody},
    secret::Secret,
};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::view::OperatorLoginResultView;
use crate::{LoginChallengeId, OperatorAuth, SecondFactorProof};

/// Who, and how they prove it.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct OperatorLoginBody {
    /// The operator's e-mail address.
    identifier: String,
    #[schemars(with = "String")]
    password: Secret,
}

/// Which login, and what finishes it.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct OperatorSecondFactorBody {
    challenge_id: Uuid,
    #[schemars(with = "String")]
    code: Secret,
}

impl WireBody for OperatorLoginBody {}
impl WireBody for OperatorSecondFactorBody {}

#[api_operation(
    operation_id = "login_operator",
    summary = "Sign in as an operator",
    description = "No tenant is named. Wrong: 401 `credentials_invalid`, the same for an unknown address. In production an \
                   operator without a second factor gets `two_factor_setup_required`.",
    tag = "operators"
)]
pub(super) async fn login(
    visitor: PlatformVisitor,
    auth: Data<OperatorAuth>,
    body: Body<OperatorLoginBody>,
) -> Result<Json<OperatorLoginResultView>, Problem> {
    let outcome = auth.login(&visitor, &body.identifier, &body.password).await?;
    Ok(Json(outcome.into()))
}

#[api_operation(
    operation_id = "login_operator_totp",
    summary = "Finish an operator's login with a time-based code",
    description = "Wrong or used: 422 `otp_invalid`; ten wrong ones within an hour: 429.",
    tag = "operators"
)]
pub(super) async fn totp(
    visitor: PlatformVisitor,
    auth: Data<OperatorAuth>,
    body: Body<OperatorSecondFactorBody>,
) -> Result<Json<OperatorLoginResultView>, Problem> {
    let OperatorSecondFactorBody { challenge_id, code } = body.into_inner();
    let proof = SecondFactorProof::Totp(code);
    let outcome = auth.login_second_factor(&visitor, LoginChallengeId(challenge_id), &proof).await?;
    Ok(Json(outcome.into()))
}

#[api_operation(
    operation_id = "login_operator_backup_code",
    summary = "Finish an operator's login with a backup code",
    description = "Wrong or used: 422 `otp_invalid`; ten wrong ones within an hour: 429.",
    tag = "operators"
)]
pub(super) async fn backup_code(
    visitor: PlatformVisitor,
    auth: Data<OperatorAuth>,
    body: Body<OperatorSecondFactorBody>,
) -> Result<Json<OperatorLoginResultView>, Problem> {
    let OperatorSecondFactorBody { challenge_id, code } = body.into_inner();
    let proof = SecondFactorProof::Backup(code);
    let outcome = auth.login_second_factor(&visitor, LoginChallengeId(challenge_id), &proof).await?;
    Ok(Json(outcome.into()))
}
