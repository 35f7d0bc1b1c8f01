use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{Anonymous, Json, Problem};

use super::view::LoginConfigView;
use crate::Auth;

#[api_operation(
    operation_id = "read_login_config",
    summary = "What a sign-in page needs to know",
    tag = "auth"
)]
pub(super) async fn options(caller: Anonymous, auth: Data<Auth>) -> Result<Json<LoginConfigView>, Problem> {
    Ok(Json(auth.sign_in_options(&caller).into()))
}
