use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{Body, IfMatch, Json, MergePatch, Problem, SignedIn, UserView};

use super::view::{ProfilePatch, ReplaceProfile, view};
use crate::Users;

#[api_operation(
    operation_id = "replace_profile",
    summary = "Replace one's own profile; what is left out gets its default",
    tag = "account"
)]
pub(super) async fn replace(
    caller: SignedIn,
    users: Data<Users>,
    version: IfMatch,
    body: Body<ReplaceProfile>,
) -> Result<Json<UserView>, Problem> {
    let user = users.edit_profile(&caller, body.into_inner().into(), version.0).await?;
    Ok(Json(view(&user)).version(user.version))
}

#[api_operation(operation_id = "patch_profile", summary = "Change one's own profile", tag = "account")]
pub(super) async fn patch(
    caller: SignedIn,
    users: Data<Users>,
    version: IfMatch,
    body: MergePatch<ProfilePatch>,
) -> Result<Json<UserView>, Problem> {
    let user = users.edit_profile(&caller, body.into_inner().into(), version.0).await?;
    Ok(Json(view(&user)).version(user.version))
}
