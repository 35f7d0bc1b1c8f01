use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::{
    http::{Json, PathId, Problem, SignedIn, UserView},
    id::UserId,
};

use super::view::view;
use crate::Users;

#[api_operation(operation_id = "read_user", summary = "Read a user", tag = "account")]
pub(super) async fn read(
    caller: SignedIn,
    users: Data<Users>,
    id: PathId<UserId>,
) -> Result<Json<UserView>, Problem> {
    let user = users.read(&caller, id.0).await?;
    Ok(Json(view(&user)).version(user.version))
}
