use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{Enrolling, NoContent, Problem};

use crate::Auth;

#[api_operation(operation_id = "logout", summary = "Sign out", tag = "auth")]
pub(super) async fn logout(caller: Enrolling, auth: Data<Auth>) -> Result<NoContent, Problem> {
    caller.user()?;
    auth.logout(&caller).await?;
    Ok(NoContent)
}
