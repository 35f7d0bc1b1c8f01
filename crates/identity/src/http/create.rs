use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{Body, Created, Creator, Problem, UserView};

use super::view::{CreateUser, view};
use crate::Users;

#[api_operation(
    operation_id = "create_user",
    summary = "Create a user, who is mailed a link to set a password",
    tag = "account"
)]
pub(super) async fn create(
    caller: Creator,
    users: Data<Users>,
    body: Body<CreateUser>,
) -> Result<Created<UserView>, Problem> {
    let user = users.create(&caller, body.into_inner().into()).await?;
    Ok(Created::at(format!("/api/v1/account/users/{}", user.id), view(&user)).version(user.version))
}
