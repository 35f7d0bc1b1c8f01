use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{
        Anonymous, Body, Json, Problem, WireBody,
        cookies::{LoginAnswerView, SessionKind, WithCookies},
    },
    secret::Secret,
};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::view::login_answer;
use crate::{Auth, LoginChallengeId, SecondFactorProof};

/// Which login, and what finishes it.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct SecondFactorBody {
    challenge_id: Uuid,
    #[schemars(with = "String")]
    code: Secret,
    /// Where the tokens go.
    #[serde(default)]
    session: SessionKind,
}

impl WireBody for SecondFactorBody {}

#[api_operation(
    operation_id = "login_totp",
    summary = "Finish a login with a time-based code",
    description = "Wrong or used: 422 `otp_invalid`; ten wrong ones within an hour: 429.",
    tag = "auth"
)]
pub(super) async fn totp(
    caller: Anonymous,
    auth: Data<Auth>,
    body: Body<SecondFactorBody>,
) -> Result<WithCookies<Json<LoginAnswerView>>, Problem> {
    let SecondFactorBody { challenge_id, code, session } = body.into_inner();
    let proof = SecondFactorProof::Totp(code);
    let outcome = auth.login_second_factor(&caller, LoginChallengeId(challenge_id), &proof).await?;
    Ok(login_answer(&caller, &outcome, session).with(Json))
}

#[api_operation(
    operation_id = "login_backup_code",
    summary = "Finish a login with a backup code",
    description = "Wrong or used: 422 `otp_invalid`; ten wrong ones within an hour: 429.",
    tag = "auth"
)]
pub(super) async fn backup_code(
    caller: Anonymous,
    auth: Data<Auth>,
    body: Body<SecondFactorBody>,
) -> Result<WithCookies<Json<LoginAnswerView>>, Problem> {
    let SecondFactorBody { challenge_id, code, session } = body.into_inner();
    let proof = SecondFactorProof::Backup(code);
    let outcome = auth.login_second_factor(&caller, LoginChallengeId(challenge_id), &proof).await?;
    Ok(login_answer(&caller, &outcome, session).with(Json))
}
