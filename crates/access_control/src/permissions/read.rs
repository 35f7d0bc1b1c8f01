//! Reading one permission.

use ouvira_common::{context::RequestContext, permission::Scope, ports::Visible};

use crate::{
    AccessControl, AccessError,
    decision::Caller,
    model::{Permission, PermissionId},
    permission::PERMISSION_READ,
};

/// Permissions are the same in the whole tenant: whoever may read them anywhere may read them all.
pub(super) fn readable(caller: &Caller) -> bool {
    match caller.visible(&PERMISSION_READ) {
        Visible::All | Visible::AllBut(_) => caller.holds(&PERMISSION_READ, Scope::Tenant),
        Visible::Ids(companies) => !companies.is_empty(),
    }
}

impl AccessControl {
    /// One permission. Needs `permission.read`, in the tenant or in any company; to others it is not there.
    pub async fn permission(
        &self,
        ctx: &RequestContext,
        id: PermissionId,
    ) -> Result<Permission, AccessError> {
        self.db
            .read(ctx, async |tx| {
                if !readable(&self.caller(tx).await?) {
                    return Err(AccessError::NotFound);
                }
                self.find_permission(tx, id).await?.ok_or(AccessError::NotFound)
            })
            .await
    }
}
