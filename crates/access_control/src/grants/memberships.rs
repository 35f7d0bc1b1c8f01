//! Where people belong, as other domains ask.

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use ouvira_common::{
    db::{DbError, Tx},
    id::{CompanyId, UserId},
    permission::Scope,
    ports::{Activity, Changes, CompanyStanding, LastOwner, Memberships, Standing},
};

use super::{Grants, Holding};
use crate::{
    decision::{Caller, PermissionRef},
    event::MembershipDeleted,
    model::{PermissionId, UserRole},
    store,
};

/// Most companies that [`Memberships::standing`] tells of.
const STANDINGS: i64 = 100;

#[async_trait]
impl Memberships for Grants {
    async fn role_names(
        &self,
        tx: &mut Tx,
        users: &[UserId],
    ) -> Result<HashMap<UserId, Vec<String>>, DbError> {
        store::user_roles::names(tx, self.rights.catalogue(), users).await
    }

    async fn standing(&self, tx: &mut Tx) -> Result<Standing, DbError> {
        let Some(user) = tx.context().user_id() else { return Ok(Standing::default()) };
        let caller = self.rights.caller(tx).await?;
        let roles = store::user_roles::all_of(tx, self.rights.catalogue(), user).await?;
        let companies = store::memberships::companies_of(tx, user, STANDINGS).await?;
        let custom = store::permissions::all(tx).await?;
        let permissions = |scope| self.codes_held(&caller, scope, &custom);
        let companies = companies.into_iter().map(|company| CompanyStanding {
            company,
            roles: codes_at(&roles, Some(company)),
            permissions: permissions(Scope::Company(company)),
        });
        Ok(Standing {
            roles: codes_at(&roles, None),
            permissions: permissions(Scope::Tenant),
            companies: companies.collect(),
        })
    }

    async fn stand_down(&self, tx: &mut Tx, user: UserId) -> Result<(), LastOwner> {
        self.require_successor(tx, user, |_| true).await
    }

    async fn leave_everything(&self, tx: &mut Tx, user: UserId) -> Result<(), LastOwner> {
        self.require_successor(tx, user, |_| true).await?;
        for held in store::user_roles::all_of(tx, self.rights.catalogue(), user).await? {
            self.tell(tx, "role.revoked", Holding { user, role: &held.role, company: held.company }, None);
        }
        for membership in store::memberships::all_of(tx, user).await? {
            let changes = Changes::new().public("user_id", Some(user), None);
            let activity = Activity::new("user_company.deleted", "user_company", membership.id.0);
            self.audit.record(tx, activity.company(membership.company).changes(changes));
            tx.publish(&MembershipDeleted {
                user_company_id: membership.id,
                user_id: membership.user,
                company_id: membership.company,
            });
        }
        store::memberships::defer_delete_all(tx, user);
        store::user_roles::defer_take_tenant_wide(tx, user);
        store::object_grants::defer_delete_all(tx, user);
        Ok(())
    }
}

impl Grants {
    /// Codes of what `caller` holds there, in order; `custom` are the tenant's own permissions.
    pub(crate) fn codes_held(
        &self,
        caller: &Caller,
        scope: Scope,
        custom: &[(PermissionId, String)],
    ) -> Vec<String> {
        let held = caller.held_in(scope);
        let custom = custom.iter().filter(|(id, _)| held.holds(PermissionRef::Custom(id.0)));
        let mut codes: Vec<String> = custom.map(|(_, code)| code.clone()).collect();
        codes.extend(self.rights.catalogue().codes(&held).map(str::to_owned));
        codes.sort_unstable();
        codes
    }
}

fn codes_at(roles: &[UserRole], company: Option<CompanyId>) -> Vec<String> {
    let there = roles.iter().filter(|held| held.company == company);
    there.map(|held| held.role.code.clone()).collect::<BTreeSet<_>>().into_iter().collect()
}
