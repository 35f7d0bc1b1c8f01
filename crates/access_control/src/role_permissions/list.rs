//! Listing what roles hold.

use ouvira_common::{
    context::RequestContext,
    db::Tx,
    id::RoleId,
    page::{Page, PageRequest},
    permission::SystemRole,
    ports::Visible,
};

use crate::{
    AccessControl, AccessError,
    model::{PermissionId, RolePermission, RolePermissionId},
    permission::ROLE_READ,
    store,
    two_parts::{Position, TwoParts},
};

impl AccessControl {
    /// What all roles that the caller may see hold, or one of them; the system's first.
    pub async fn list_role_permissions(
        &self,
        ctx: &RequestContext,
        role: Option<RoleId>,
        page: &PageRequest,
    ) -> Result<Page<RolePermission>, AccessError> {
        self.db
            .read(ctx, async |tx| {
                let reach = self.caller(tx).await?.require_anywhere(&ROLE_READ)?;
                match role.and_then(|role| self.catalogue().system_role(role)) {
                    Some(role) => self.fixed_page(tx, role, page).await,
                    None => self.mixed_page(tx, role, &reach, page).await,
                }
            })
            .await
    }

    /// Of one system role: the system's permissions, then the tenant's own where it holds them all.
    async fn fixed_page(
        &self,
        tx: &mut Tx,
        role: SystemRole,
        page: &PageRequest,
    ) -> Result<Page<RolePermission>, AccessError> {
        let fixed = self.fixed_entries(Some(self.catalogue().role_id(role)));
        let declared = i64::try_from(fixed.len()).unwrap_or(0);
        let begun = TwoParts::begin(fixed, page, |entry| entry.permission.0)?;
        let holds_custom = self.catalogue().held_by(role).has_every_custom();
        let rows = match begun.missing().filter(|_| holds_custom) {
            None => Vec::new(),
            Some(missing) => store::permissions::page(tx, begun.after.map(PermissionId), missing).await?,
        };
        let rows = rows.iter().map(|permission| self.fixed_entry(role, permission.id)).collect();
        let mut found = begun.end(rows, |entry| {
            Position::of(self.catalogue().by_id(entry.permission.0).is_some(), entry.permission.0)
        });
        if page.count {
            let custom = if holds_custom { store::permissions::count(tx).await? } else { 0 };
            found.total = Some(declared + custom);
        }
        Ok(found)
    }

    /// Of the tenant's own roles; of all roles when none is named.
    async fn mixed_page(
        &self,
        tx: &mut Tx,
        role: Option<RoleId>,
        reach: &Visible,
        page: &PageRequest,
    ) -> Result<Page<RolePermission>, AccessError> {
        let fixed = if role.is_none() { self.fixed_entries(None) } else { Vec::new() };
        let declared = i64::try_from(fixed.len()).unwrap_or(0);
        let begun = TwoParts::begin(fixed, page, |entry| entry.id.0)?;
        let rows = match begun.missing() {
            None => Vec::new(),
            Some(missing) => {
                let after = begun.after.map(RolePermissionId);
                store::role_permissions::page(tx, role, reach, after, missing).await?
            }
        };
        let mut found = begun
            .end(rows, |entry| Position::of(self.catalogue().system_role(entry.role).is_some(), entry.id.0));
        if page.count {
            found.total = Some(declared + store::role_permissions::count(tx, role, reach).await?);
        }
        Ok(found)
    }
}
