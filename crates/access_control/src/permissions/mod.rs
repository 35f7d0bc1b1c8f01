//! Permissions: the system's, which are fixed, and the tenant's own.

mod create;
mod delete;
mod list;
mod read;
mod update;

pub use create::NewPermission;
pub use update::PermissionEdit;

use ouvira_common::{
    db::{DbError, Tx},
    ports::{Activity, Changes},
};

use crate::{
    AccessControl, AccessError,
    model::{Permission, PermissionId},
    store,
};

impl AccessControl {
    /// The permission of that id, the system's or the tenant's own.
    pub(crate) async fn find_permission(
        &self,
        tx: &mut Tx,
        id: PermissionId,
    ) -> Result<Option<Permission>, DbError> {
        match self.catalogue().by_id(id.0) {
            Some(system) => Ok(Some(Permission::from(system))),
            None => store::permissions::find(tx, id).await,
        }
    }
}

/// That another permission has the code is told as such.
fn code_taken(error: DbError) -> AccessError {
    if error.violates_unique(store::permissions::CODE) { AccessError::CodeTaken } else { error.into() }
}

/// What is logged of a permission's change.
fn activity(action: &'static str, before: Option<&Permission>, after: Option<&Permission>) -> Activity {
    let now = after.or(before).expect("something changed");
    let changes = Changes::new()
        .public("code", before.map(|p| &p.code), after.map(|p| &p.code))
        .public("name", before.map(|p| &p.name), after.map(|p| &p.name))
        .public(
            "description",
            before.and_then(|p| p.description.as_ref()),
            after.and_then(|p| p.description.as_ref()),
        );
    Activity::new(action, "permission", now.id.0).label(&now.code).changes(changes)
}
