//! Listing permissions.

use ouvira_common::{
    context::RequestContext,
    page::{Page, PageRequest},
};

use crate::{
    AccessControl, AccessError,
    model::{Permission, PermissionId},
    permission::PERMISSION_READ,
    store,
    two_parts::{Position, TwoParts},
};

impl AccessControl {
    /// All permissions, the system's first. Needs `permission.read`, in the tenant or in any company.
    pub async fn list_permissions(
        &self,
        ctx: &RequestContext,
        page: &PageRequest,
    ) -> Result<Page<Permission>, AccessError> {
        self.db
            .read(ctx, async |tx| {
                self.caller(tx).await?.require_anywhere(&PERMISSION_READ)?;
                let system: Vec<Permission> =
                    self.catalogue().permissions().iter().map(Permission::from).collect();
                let declared = system.len();
                let begun = TwoParts::begin(system, page, |permission| permission.id.0)?;
                let rows = match begun.missing() {
                    None => Vec::new(),
                    Some(missing) => {
                        store::permissions::page(tx, begun.after.map(PermissionId), missing).await?
                    }
                };
                let mut found =
                    begun.end(rows, |permission| Position::of(permission.is_system, permission.id.0));
                if page.count {
                    found.total =
                        Some(store::permissions::count(tx).await? + i64::try_from(declared).unwrap_or(0));
                }
                Ok(found)
            })
            .await
    }
}
