//! Reading one role.

use ouvira_common::{
    context::RequestContext,
    db::{DbError, Tx},
    id::{CompanyId, RoleId},
    permission::Scope,
};

use crate::{AccessControl, AccessError, decision::Caller, model::Role, permission::ROLE_READ, store};

/// Whether the caller may see a role of that company. Those of the tenant are seen by whoever may see any.
pub(crate) fn readable(caller: &Caller, company: Option<CompanyId>) -> bool {
    match company {
        Some(company) => caller.holds(&ROLE_READ, Scope::Company(company)),
        None => caller.require_anywhere(&ROLE_READ).is_ok(),
    }
}

impl AccessControl {
    /// One role. Needs `role.read` in its company, or anywhere for one of the tenant; to others it is not there.
    pub async fn role(&self, ctx: &RequestContext, id: RoleId) -> Result<Role, AccessError> {
        self.db
            .read(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                self.readable_role(tx, &caller, id).await
            })
            .await
    }

    /// The role of that id, if the caller may see it.
    pub(crate) async fn readable_role(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        id: RoleId,
    ) -> Result<Role, AccessError> {
        let role = self.find_role(tx, id).await?;
        role.filter(|role| readable(caller, role.company)).ok_or(AccessError::NotFound)
    }

    /// The role of that id, the system's or the tenant's own.
    async fn find_role(&self, tx: &mut Tx, id: RoleId) -> Result<Option<Role>, DbError> {
        match self.catalogue().system_role(id) {
            Some(role) => {
                let custom = self.custom_codes(tx).await?;
                Ok(Some(Role::system(self.catalogue(), role, &custom)))
            }
            None => store::roles::find(tx, self.catalogue(), id).await,
        }
    }

    /// Codes of the tenant's own permissions, which owners and administrators hold.
    pub(super) async fn custom_codes(&self, tx: &mut Tx) -> Result<Vec<String>, DbError> {
        Ok(store::permissions::all(tx).await?.into_iter().map(|(_, code)| code).collect())
    }
}
