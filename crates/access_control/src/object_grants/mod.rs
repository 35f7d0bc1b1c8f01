//! Permissions on single objects. On a company such a grant is a right in that company and counts on every route; on other
//! objects it counts where it is asked for.

mod create;
mod delete;
mod list;
mod place;
mod read;

pub use create::NewObjectGrant;

use ouvira_common::{
    id::CompanyId,
    ports::{Activity, Changes},
};
use serde::Serialize;

use crate::{
    decision::COMPANY,
    model::{GrantHolder, ObjectGrant},
};

/// What is logged of a grant that is given, or taken back.
fn activity(action: &'static str, grant: &ObjectGrant, given: bool) -> Activity {
    let (user, role) = match grant.holder {
        GrantHolder::User(user) => (Some(user), None),
        GrantHolder::Role(role) => (None, Some(role)),
    };
    let object = format!("{}:{}", grant.object_type, grant.object_id);
    let changes = changed(Changes::new(), "user_id", user, given);
    let changes = changed(changes, "role_id", role, given);
    let changes = changed(changes, "permission", Some(&grant.permission_code), given);
    let changes = changed(changes, "object", Some(&object), given);
    let company = (grant.object_type == COMPANY).then_some(CompanyId(grant.object_id));
    Activity::new(action, "object_grant", grant.id.0).company(company).changes(changes)
}

fn changed<T: Serialize>(changes: Changes, field: &'static str, value: Option<T>, given: bool) -> Changes {
    if given { changes.public(field, None, value) } else { changes.public(field, value, None) }
}
