use actix_web::{HttpRequest, web::Data};
use apistos::api_operation;
use ouvira_common::http::{
    Enrolling, NoContent, Problem,
    cookies::{SessionKind, WithCookies},
};

use crate::Auth;

#[api_operation(operation_id = "logout", summary = "Sign out", tag = "auth")]
pub(super) async fn logout(
    caller: Enrolling,
    auth: Data<Auth>,
    request: HttpRequest,
) -> Result<WithCookies<NoContent>, Problem> {
    caller.user()?;
    auth.logout(&caller).await?;
    Ok(WithCookies::cleared(NoContent, SessionKind::of(&request)))
}
