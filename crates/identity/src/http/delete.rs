use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::{
    http::{IfMatch, NoContent, PathId, Problem, SignedIn},
    id::UserId,
};

use crate::Users;

#[api_operation(operation_id = "delete_user", summary = "Delete a user", tag = "account")]
pub(super) async fn delete(
    caller: SignedIn,
    users: Data<Users>,
    id: PathId<UserId>,
    version: IfMatch,
) -> Result<NoContent, Problem> {
    users.delete(&caller, id.0, version.0).await?;
    Ok(NoContent)
}
