//! Permissions on single objects.

use diesel::prelude::*;
use ouvira_common::{db::Tx, id::UserId};

use crate::schema::object_grants;

/// Takes all of them from `user`. Deferred.
pub(crate) fn defer_delete_all(tx: &mut Tx, user: UserId) {
    tx.defer(diesel::delete(object_grants::table.filter(object_grants::user_id.eq(user))));
}
