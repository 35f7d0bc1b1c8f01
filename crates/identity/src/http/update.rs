use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::{
    http::{IfMatch, Json, MergePatch, PathId, Problem, SignedIn, UserView},
    id::UserId,
};

use super::view::{UserPatch, view};
use crate::Users;

#[api_operation(
    operation_id = "patch_user",
    summary = "Change, deactivate or reactivate a user",
    tag = "account"
)]
pub(super) async fn update(
    caller: SignedIn,
    users: Data<Users>,
    id: PathId<UserId>,
    version: IfMatch,
    body: MergePatch<UserPatch>,
) -> Result<Json<UserView>, Problem> {
    let user = users.update(&caller, id.0, body.into_inner().into(), version.0).await?;
    Ok(Json(view(&user)).version(user.version))
}
