use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{Body, Enrolling, Json, NoContent, Problem, SignedIn, WireBody},
    secret::Secret,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Auth, BackupCodes, Enrolment, SecondFactorProof};

/// The caller's password.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct EnableBody {
    #[schemars(with = "String")]
    pub(super) password: Secret,
}

/// A code of the authenticator.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct ConfirmBody {
    #[schemars(with = "String")]
    pub(super) code: Secret,
}

/// The caller's password and second factor.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct BothFactorsBody {
    #[schemars(with = "String")]
    password: Secret,
    /// A time-based code, or a backup code.
    #[schemars(with = "String")]
    code: Secret,
}

impl WireBody for EnableBody {}
impl WireBody for ConfirmBody {}
impl WireBody for BothFactorsBody {}

/// What an authenticator is set up with; shown once.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(super) struct EnrolmentView {
    /// Base32, to be typed.
    secret: String,
    otpauth_uri: String,
    /// An SVG image.
    qr_svg: String,
}

/// Ten codes, each good once; shown once.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(super) struct BackupCodesView {
    backup_codes: Vec<String>,
}

impl From<Enrolment> for EnrolmentView {
    fn from(enrolment: Enrolment) -> Self {
        Self {
            secret: enrolment.secret.expose().to_owned(),
            otpauth_uri: enrolment.uri.expose().to_owned(),
            qr_svg: enrolment.qr_svg.expose().to_owned(),
        }
    }
}

impl From<BackupCodes> for BackupCodesView {
    fn from(codes: BackupCodes) -> Self {
        Self { backup_codes: codes.expose().to_vec() }
    }
}

#[api_operation(
    operation_id = "enable_two_factor",
    summary = "Begin to set up a second factor",
    description = "On already: 409 `already_enabled`. Asks for a sign-in within the last ten minutes.",
    tag = "auth"
)]
pub(super) async fn enable(
    caller: Enrolling,
    auth: Data<Auth>,
    body: Body<EnableBody>,
) -> Result<Json<EnrolmentView>, Problem> {
    caller.user()?;
    let enrolment = auth.enable_second_factor(&caller, &body.password).await?;
    Ok(Json(enrolment.into()))
}

#[api_operation(
    operation_id = "confirm_two_factor",
    summary = "Switch the second factor on with a first code",
    description = "Without one that waits for it: 409 `not_pending`.",
    tag = "auth"
)]
pub(super) async fn confirm(
    caller: Enrolling,
    auth: Data<Auth>,
    body: Body<ConfirmBody>,
) -> Result<Json<BackupCodesView>, Problem> {
    caller.user()?;
    let codes = auth.confirm_second_factor(&caller, &body.code).await?;
    Ok(Json(codes.into()))
}

#[api_operation(
    operation_id = "disable_two_factor",
    summary = "Switch the second factor off",
    description = "All other sessions end. Asks for a sign-in within the last ten minutes.",
    tag = "auth"
)]
pub(super) async fn disable(
    caller: SignedIn,
    auth: Data<Auth>,
    body: Body<BothFactorsBody>,
) -> Result<NoContent, Problem> {
    caller.user()?;
    let BothFactorsBody { password, code } = body.into_inner();
    auth.disable_second_factor(&caller, &password, &SecondFactorProof::of_either(code)).await?;
    Ok(NoContent)
}

#[api_operation(
    operation_id = "renew_backup_codes",
    summary = "Ten new backup codes",
    description = "The former ones are void. Asks for a sign-in within the last ten minutes.",
    tag = "auth"
)]
pub(super) async fn renew_codes(
    caller: SignedIn,
    auth: Data<Auth>,
    body: Body<BothFactorsBody>,
) -> Result<Json<BackupCodesView>, Problem> {
    caller.user()?;
    let BothFactorsBody { password, code } = body.into_inner();
    let codes = auth.renew_backup_codes(&caller, &password, &SecondFactorProof::of_either(code)).await?;
    Ok(Json(codes.into()))
}
