use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{Json, Problem, SignedIn, UserView};

use super::view::view;
use crate::Users;

#[api_operation(operation_id = "read_profile", summary = "Read one's own profile", tag = "account")]
pub(super) async fn profile(caller: SignedIn, users: Data<Users>) -> Result<Json<UserView>, Problem> {
    let user = users.profile(&caller).await?;
    Ok(Json(view(&user)).version(user.version))
}
