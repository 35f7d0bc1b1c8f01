use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{Body, EnrollingOperator, Json, Problem};

use super::super::second_factor::{BackupCodesView, ConfirmBody, EnableBody, EnrolmentView};
use crate::OperatorAuth;

#[api_operation(
    operation_id = "enable_operator_two_factor",
    summary = "Begin to set up an operator's second factor",
    description = "On already: 409 `already_enabled`. Asks for a sign-in within the last ten minutes.",
    tag = "operators"
)]
pub(super) async fn enable(
    caller: EnrollingOperator,
    auth: Data<OperatorAuth>,
    body: Body<EnableBody>,
) -> Result<Json<EnrolmentView>, Problem> {
    let enrolment = auth.enable_second_factor(&caller.ctx, &caller.token, &body.password).await?;
    Ok(Json(enrolment.into()))
}

#[api_operation(
    operation_id = "confirm_operator_two_factor",
    summary = "Switch an operator's second factor on with a first code",
    description = "Without one that waits for it: 409 `not_pending`. A session that could only enrol is a full one with its \
                   next refresh.",
    tag = "operators"
)]
pub(super) async fn confirm(
    caller: EnrollingOperator,
    auth: Data<OperatorAuth>,
    body: Body<ConfirmBody>,
) -> Result<Json<BackupCodesView>, Problem> {
    let codes = auth.confirm_second_factor(&caller.ctx, &caller.token, &body.code).await?;
    Ok(Json(codes.into()))
}
