use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{Body, Json, Problem, SignedIn};

use super::view::{CheckRequest, CheckResults};
use crate::AccessControl;

#[api_operation(
    operation_id = "check",
    summary = "Ask whether somebody may, why, and what if",
    tag = "access-control"
)]
pub(super) async fn check(
    caller: SignedIn,
    access: Data<AccessControl>,
    body: Body<CheckRequest>,
) -> Result<Json<CheckResults>, Problem> {
    Ok(Json(access.check(&caller, &body.into_inner().into()).await?.into()))
}
