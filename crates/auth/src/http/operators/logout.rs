use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{EnrollingOperator, NoContent, Problem};

use crate::OperatorAuth;

#[api_operation(
    operation_id = "logout_operator",
    summary = "Sign out as an operator",
    description = "The leave that was taken in the session to act in tenants ends with it.",
    tag = "operators"
)]
pub(super) async fn logout(
    caller: EnrollingOperator,
    auth: Data<OperatorAuth>,
) -> Result<NoContent, Problem> {
    auth.logout(&caller.ctx, &caller.token).await?;
    Ok(NoContent)
}
