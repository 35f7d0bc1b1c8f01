//! Deleting a role of the tenant's own.

use ouvira_common::{context::RequestContext, db::DbError, id::RoleId};

use super::activity;
use crate::{AccessControl, AccessError, access_control::expect_version, store};

impl AccessControl {
    /// Deletes a role with the grants on objects that were given to it. Needs `role.manage` where it is; the system's are
    /// fixed. Refused while somebody holds it.
    pub async fn delete_role(
        &self,
        ctx: &RequestContext,
        id: RoleId,
        expected: Option<i64>,
    ) -> Result<(), AccessError> {
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                self.require_manageable(tx, &caller, id).await?;
                self.grants.rights.change_of_all(tx).await?;
                let role = self.readable_role(tx, &caller, id).await?;
                expect_version(role.version, expected)?;
                store::user_roles::forget_ended(tx, id).await?;
                store::roles::delete(tx, id).await.map_err(in_use)?;
                self.record(tx, activity("role.deleted", Some(&role), None));
                Ok(())
            })
            .await
    }
}

/// That somebody holds the role is told as such.
fn in_use(error: DbError) -> AccessError {
    if store::user_roles::HELD.iter().any(|key| error.violates_foreign_key(key)) {
        AccessError::RoleInUse
    } else {
        error.into()
    }
}
