//! Roles that other domains give.

use async_trait::async_trait;
use ouvira_common::{
    db::{DbError, Tx},
    id::{RoleId, UserId},
    permission::{Scope, SystemRole},
    ports::{GrantRefused, RoleGrants},
};

use super::{Gift, Grants, Holding, Place, giver, scope_of};
use crate::{
    AccessError,
    decision::PermissionSet,
    model::{RoleName, UserRole, UserRoleId},
    store,
};

#[async_trait]
impl RoleGrants for Grants {
    async fn give_tenant_role(&self, tx: &mut Tx, user: UserId, role: SystemRole) -> Result<(), DbError> {
        let catalogue = self.rights.catalogue();
        let now = tx.now();
        let given = UserRole {
            id: UserRoleId::new_at(now),
            user,
            role: RoleName::system(catalogue, role),
            company: None,
            granted_by: None,
            expires_at: None,
            created_at: now,
        };
        self.rights.change_of(tx, user);
        store::user_roles::defer_give_tenant_wide(tx, catalogue, &given);
        self.tell(tx, "role.granted", Holding { user, role: &given.role, company: None }, None);
        Ok(())
    }

    async fn give_roles(&self, tx: &mut Tx, user: UserId, roles: &[RoleId]) -> Result<(), GrantRefused> {
        if roles.is_empty() {
            return Ok(());
        }
        let caller = self.rights.caller(tx).await?;
        let known = self.known_roles(tx, roles).await?;
        for (place, id) in roles.iter().enumerate() {
            let repeated = roles[..place].contains(id);
            let role = known.get(id).filter(|role| role.fits(None)).ok_or(GrantRefused::Unknown(place))?;
            role.require_grantable(&caller, Scope::Tenant).map_err(refused(place))?;
            if !repeated {
                let gift = Gift { user, place: Place::Tenant, role, expires_at: None, by: giver(tx) };
                self.give(tx, gift, "").await.map_err(refused(place))?;
            }
        }
        Ok(())
    }

    async fn require_reach(&self, tx: &mut Tx, user: UserId) -> Result<(), GrantRefused> {
        let caller = self.rights.caller(tx).await?;
        let facts = store::facts::of_user(tx, self.rights.catalogue(), user).await?;
        let held = facts.held.iter().filter_map(|held| Some((held.company, facts.roles.get(&held.role)?)));
        let roles_covered = held
            .into_iter()
            .all(|(company, role)| caller.covers(&role.permissions, role.inherits, scope_of(company)));
        let objects_covered = facts.object_rights().all(|right| {
            caller.covers(&PermissionSet::from_iter([right.permission]), false, Scope::Company(right.company))
        });
        if !roles_covered || !objects_covered {
            return Err(GrantRefused::Beyond);
        }
        // Grants on other objects than companies: whose permission the caller holds in the whole tenant, or on that object too.
        let held: Vec<RoleId> = facts.roles.keys().copied().collect();
        let oneself = tx.context().user_id();
        let others = store::object_grants::not_shared(tx, user, &held, oneself).await?;
        let covered = |id| caller.holds_ref(self.rights.catalogue().reference_to(id), Scope::Tenant);
        if others.into_iter().all(covered) { Ok(()) } else { Err(GrantRefused::Beyond) }
    }
}

/// The port's words for why the role at `place` of the list was not given.
fn refused(place: usize) -> impl Fn(AccessError) -> GrantRefused {
    move |error| match error {
        AccessError::Denied(denied) => GrantRefused::Denied(denied),
        AccessError::CannotGrant => GrantRefused::Beyond,
        AccessError::Db(error) => GrantRefused::Db(error),
        _ => GrantRefused::Unknown(place),
    }
}
