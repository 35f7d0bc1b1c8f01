//! A role that could be given.

use std::collections::HashMap;

use ouvira_common::{
    db::{DbError, Tx},
    id::{CompanyId, RoleId},
    permission::Scope,
};

use super::Grants;
use crate::{
    AccessError,
    decision::{Caller, RoleFacts},
    model::RoleName,
    permission::ROLE_GRANT,
    store,
};

/// A role with what it gives.
#[derive(Debug, Clone)]
pub(crate) struct KnownRole {
    pub(crate) name: RoleName,
    /// The one company where it can be given.
    pub(crate) company: Option<CompanyId>,
    pub(crate) facts: RoleFacts,
}

impl KnownRole {
    /// Whether it can be given there at all.
    pub(crate) fn fits(&self, company: Option<CompanyId>) -> bool {
        self.company.is_none() || self.company == company
    }

    /// Fails unless `caller` may give and take it there: nobody gives, or takes, what they do not hold.
    pub(crate) fn require_grantable(&self, caller: &Caller, scope: Scope) -> Result<(), AccessError> {
        caller.require(&ROLE_GRANT, scope)?;
        if self.covered_by(caller, scope) { Ok(()) } else { Err(AccessError::CannotGrant) }
    }

    /// Whether `caller` holds all it gives there.
    pub(crate) fn covered_by(&self, caller: &Caller, scope: Scope) -> bool {
        caller.covers(&self.facts.permissions, self.facts.inherits, scope)
    }
}

impl Grants {
    /// Those of `ids` that are roles of the system or of the tenant.
    pub(crate) async fn known_roles(
        &self,
        tx: &mut Tx,
        ids: &[RoleId],
    ) -> Result<HashMap<RoleId, KnownRole>, DbError> {
        let catalogue = self.rights.catalogue();
        let mut known = HashMap::new();
        let mut custom = Vec::new();
        for id in ids {
            let Some(role) = catalogue.system_role(*id) else {
                custom.push(*id);
                continue;
            };
            let name = RoleName::system(catalogue, role);
            known.insert(*id, KnownRole { name, company: None, facts: catalogue.facts(role) });
        }
        if !custom.is_empty() {
            let found = store::roles::known(tx, catalogue, &custom).await?;
            known.extend(found.into_iter().map(|role| (role.name.id, role)));
        }
        Ok(known)
    }

    /// The role of that id.
    pub(crate) async fn known_role(&self, tx: &mut Tx, id: RoleId) -> Result<Option<KnownRole>, DbError> {
        Ok(self.known_roles(tx, &[id]).await?.remove(&id))
    }
}
