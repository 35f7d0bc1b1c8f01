//! Ending a membership.

use ouvira_common::{context::RequestContext, permission::Scope};

use super::activity;
use crate::{
    AccessControl, AccessError, access_control::expect_version, event::MembershipDeleted, grants::Holding,
    model::MembershipId, permission::MEMBER_MANAGE, store,
};

impl AccessControl {
    /// Ends a membership with all its roles. Needs `member.manage` in the company and whatever the member holds there;
    /// anybody may leave by themselves, but for the last owner.
    pub async fn delete_membership(
        &self,
        ctx: &RequestContext,
        id: MembershipId,
        expected: Option<i64>,
    ) -> Result<(), AccessError> {
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                let seen = self.readable_membership(tx, &caller, id).await?;
                let leaving = tx.context().user_id() == Some(seen.user);
                if !leaving {
                    caller.require(&MEMBER_MANAGE, Scope::Company(seen.company))?;
                }
                self.grants.rights.change_of_all(tx).await?;
                let membership = store::memberships::lock(tx, id).await?.ok_or(AccessError::NotFound)?;
                expect_version(membership.version, expected)?;
                let held = if leaving {
                    self.roles_of(tx, &membership).await?
                } else {
                    self.covered_roles(tx, &caller, &membership).await?
                };
                let leaves = |company| company == Some(membership.company);
                self.grants.require_successor(tx, membership.user, leaves).await?;
                store::memberships::defer_delete(tx, id);
                for role in &held {
                    let of = Holding { user: membership.user, role: &role.role, company: role.company };
                    self.grants.tell(tx, "role.revoked", of, None);
                }
                self.record(tx, activity("user_company.deleted", Some(&membership), None));
                tx.publish(&MembershipDeleted {
                    user_company_id: membership.id,
                    user_id: membership.user,
                    company_id: membership.company,
                });
                Ok(())
            })
            .await
    }
}
