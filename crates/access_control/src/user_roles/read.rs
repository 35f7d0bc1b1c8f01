//! Reading one role that a user holds.

use ouvira_common::{context::RequestContext, db::Tx};

use crate::{
    AccessControl, AccessError,
    decision::Caller,
    grants::scope_of,
    model::{UserRole, UserRoleId},
    permission::ROLE_READ,
    store,
};

impl AccessControl {
    /// One role that a user holds. Needs `role.read` where it is held, but for one's own; to others it is not there.
    pub async fn user_role(&self, ctx: &RequestContext, id: UserRoleId) -> Result<UserRole, AccessError> {
        self.db
            .read(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                self.readable_user_role(tx, &caller, id).await
            })
            .await
    }

    /// The role of that id, if the caller may see it.
    pub(super) async fn readable_user_role(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        id: UserRoleId,
    ) -> Result<UserRole, AccessError> {
        let held = store::user_roles::find(tx, self.catalogue(), id).await?.ok_or(AccessError::NotFound)?;
        let own = tx.context().user_id() == Some(held.user);
        if own || caller.holds(&ROLE_READ, scope_of(held.company)) {
            Ok(held)
        } else {
            Err(AccessError::NotFound)
        }
    }
}
