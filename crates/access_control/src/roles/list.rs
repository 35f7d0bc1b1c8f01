//! Listing roles.

use ouvira_common::{
    context::RequestContext,
    id::{CompanyId, RoleId},
    page::{Page, PageRequest},
    permission::SystemRole,
};

use crate::{
    AccessControl, AccessError,
    model::Role,
    permission::ROLE_READ,
    store::{self, roles::Chosen},
    two_parts::{Position, TwoParts},
};

/// Which roles.
#[derive(Debug, Clone, Copy, Default)]
pub struct RoleFilter {
    /// Those of one company only.
    pub company: Option<CompanyId>,
}

impl AccessControl {
    /// Roles, the system's first: those of the tenant and of the companies where the caller holds `role.read`.
    pub async fn list_roles(
        &self,
        ctx: &RequestContext,
        filter: RoleFilter,
        page: &PageRequest,
    ) -> Result<Page<Role>, AccessError> {
        self.db
            .read(ctx, async |tx| {
                let reach = self.caller(tx).await?.require_anywhere(&ROLE_READ)?;
                let chosen = Chosen { company: filter.company, reach: &reach };
                let system = if filter.company.is_some() { Vec::new() } else { SystemRole::ALL.to_vec() };
                let fixed = i64::try_from(system.len()).unwrap_or(0);
                let begun = TwoParts::begin(system, page, |role| self.catalogue().role_id(*role).0)?;
                // The tenant's own permissions are read for the page that shows who holds them all, and for no other.
                let every = |role: &SystemRole| self.catalogue().held_by(*role).has_every_custom();
                let custom =
                    if begun.shown().iter().any(every) { self.custom_codes(tx).await? } else { Vec::new() };
                let begun = begun.map(|role| Role::system(self.catalogue(), role, &custom));
                let rows = match begun.missing() {
                    None => Vec::new(),
                    Some(missing) => {
                        let after = begun.after.map(RoleId);
                        store::roles::page(tx, self.catalogue(), &chosen, after, missing).await?
                    }
                };
                let mut found = begun.end(rows, |role| Position::of(role.is_system, role.id.0));
                if page.count {
                    found.total = Some(store::roles::count(tx, &chosen).await? + fixed);
                }
                Ok(found)
            })
            .await
    }
}
