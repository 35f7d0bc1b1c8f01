//! Taking a permission on one object back.

use ouvira_common::context::RequestContext;

use super::{activity, place::scope_of_object};
use crate::{AccessControl, AccessError, model::ObjectGrantId, permission::ROLE_GRANT, store};

impl AccessControl {
    /// Takes a grant back. Needs `role.grant` in the company that it is on, or in the tenant for other objects, and the
    /// permission.
    pub async fn delete_object_grant(
        &self,
        ctx: &RequestContext,
        id: ObjectGrantId,
    ) -> Result<(), AccessError> {
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                let grant = self.readable_grant(tx, &caller, id).await?;
                let scope = scope_of_object(&grant.object_type, grant.object_id);
                caller.require(&ROLE_GRANT, scope)?;
                if !caller.holds_ref(self.catalogue().reference_to(grant.permission.0), scope) {
                    return Err(AccessError::CannotGrant);
                }
                self.grants.rights.change_of_all(tx).await?;
                let grant = self.readable_grant(tx, &caller, id).await?;
                store::object_grants::defer_delete(tx, id);
                self.record(tx, activity("object_grant.deleted", &grant, false));
                Ok(())
            })
            .await
    }
}
