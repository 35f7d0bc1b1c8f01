//! Reading one grant on an object.

use ouvira_common::{context::RequestContext, db::Tx};

use super::place::scope_of_object;
use crate::{
    AccessControl, AccessError,
    decision::Caller,
    model::{GrantHolder, ObjectGrant, ObjectGrantId},
    permission::ROLE_READ,
    store,
};

impl AccessControl {
    /// One grant. Needs `role.read` in the company that it is on, or in the tenant for other objects, but for one's own;
    /// to others it is not there.
    pub async fn object_grant(
        &self,
        ctx: &RequestContext,
        id: ObjectGrantId,
    ) -> Result<ObjectGrant, AccessError> {
        self.db
            .read(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                self.readable_grant(tx, &caller, id).await
            })
            .await
    }

    /// The grant of that id, if the caller may see it.
    pub(super) async fn readable_grant(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        id: ObjectGrantId,
    ) -> Result<ObjectGrant, AccessError> {
        let grant =
            store::object_grants::find(tx, self.catalogue(), id).await?.ok_or(AccessError::NotFound)?;
        let own = tx.context().user_id().is_some_and(|user| grant.holder == GrantHolder::User(user));
        let seen = own || caller.holds(&ROLE_READ, scope_of_object(&grant.object_type, grant.object_id));
        if seen { Ok(grant) } else { Err(AccessError::NotFound) }
    }
}
