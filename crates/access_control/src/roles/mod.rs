//! Roles: the system's, which are fixed, and the tenant's own, for all of it or for one company.

mod create;
mod delete;
mod list;
mod named;
mod permissions;
mod read;
mod update;

pub use create::NewRole;
pub use list::RoleFilter;
pub use named::RoleWord;
pub(crate) use permissions::set_of;
pub use update::RoleEdit;

use ouvira_common::{
    db::DbError,
    ports::{Activity, Changes},
};

use crate::{AccessError, model::Role, store};

/// That another role has the code is told as such.
fn code_taken(error: DbError) -> AccessError {
    if store::roles::CODES.iter().any(|constraint| error.violates_unique(constraint)) {
        AccessError::CodeTaken
    } else {
        error.into()
    }
}

/// What is logged of a role's change.
pub(crate) fn activity(action: &'static str, before: Option<&Role>, after: Option<&Role>) -> Activity {
    let now = after.or(before).expect("something changed");
    let changes = Changes::new()
        .public("code", before.map(|role| &role.code), after.map(|role| &role.code))
        .public("name", before.map(|role| &role.name), after.map(|role| &role.name))
        .public(
            "description",
            before.and_then(|role| role.description.as_ref()),
            after.and_then(|role| role.description.as_ref()),
        )
        .public("inherits", before.map(|role| role.inherits), after.map(|role| role.inherits))
        .public("permissions", before.map(|role| &role.permissions), after.map(|role| &role.permissions));
    Activity::new(action, "role", now.id.0).label(&now.name).company(now.company).changes(changes)
}
