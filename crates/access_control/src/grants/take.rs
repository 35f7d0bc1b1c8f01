//! Taking a role away.

use ouvira_common::{db::Tx, permission::SystemRole};

use super::{Grants, Holding, scope_of};
use crate::{
    AccessError,
    decision::Caller,
    model::{UserRole, UserRoleId},
    store,
};

impl Grants {
    /// Takes a role from whoever holds it. Needs what giving it needs; the last owner keeps theirs.
    pub(crate) async fn take(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        held: &UserRole,
    ) -> Result<(), AccessError> {
        // A role whose definition is gone gives nothing that the caller would have to hold.
        if let Some(role) = self.known_role(tx, held.role.id).await? {
            role.require_grantable(caller, scope_of(held.company))?;
        }
        self.rights.change_of_all(tx).await?;
        let held = self.still_held(tx, held.id).await?;
        if held.role.id == self.rights.catalogue().role_id(SystemRole::Owner) && held.expires_at.is_none() {
            self.require_successor(tx, held.user, |company| company == held.company).await?;
        }
        store::user_roles::defer_take(tx, &held);
        self.tell(
            tx,
            "role.revoked",
            Holding { user: held.user, role: &held.role, company: held.company },
            None,
        );
        Ok(())
    }

    /// The role as it is held now that nobody else changes rights.
    async fn still_held(&self, tx: &mut Tx, id: UserRoleId) -> Result<UserRole, AccessError> {
        store::user_roles::find(tx, self.rights.catalogue(), id).await?.ok_or(AccessError::NotFound)
    }
}
