//! Giving a role to a member.

use ouvira_common::{context::RequestContext, id::RoleId, permission::Scope, time::Timestamp};

use crate::{
    AccessControl, AccessError,
    grants::{Gift, Place, giver},
    model::{MembershipId, MembershipRole, future},
    permission::ROLE_GRANT,
};

/// A role for a member.
#[derive(Debug, Clone, Copy)]
pub struct NewMembershipRole {
    /// Whose.
    pub membership: MembershipId,
    /// Which; one of the system, of the tenant, or of that company.
    pub role: RoleId,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

impl AccessControl {
    /// Gives a role to a member. Needs `role.grant` in the company and everything that the role gives there.
    pub async fn give_member_role(
        &self,
        ctx: &RequestContext,
        new: &NewMembershipRole,
    ) -> Result<MembershipRole, AccessError> {
        let expires_at = new.expires_at.map(|at| future("/expires_at", at, ctx.now())).transpose()?;
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                caller.require_anywhere(&ROLE_GRANT)?;
                let membership = match self.readable_membership(tx, &caller, new.membership).await {
                    Err(AccessError::NotFound) => return Err(AccessError::unknown("/user_company_id")),
                    found => found?,
                };
                let scope = Scope::Company(membership.company);
                caller.require(&ROLE_GRANT, scope)?;
                let role = self.grants.known_role(tx, new.role).await?;
                let role = role.filter(|role| role.fits(Some(membership.company)));
                let role = role.ok_or_else(|| AccessError::unknown("/role_id"))?;
                role.require_grantable(&caller, scope)?;
                let place = Place::Company { company: membership.company, membership: membership.id };
                let gift = Gift { user: membership.user, place, role: &role, expires_at, by: giver(tx) };
                let given = self.grants.give(tx, gift, "/role_id").await?;
                Ok(MembershipRole {
                    id: given.id,
                    membership: membership.id,
                    role: given.role.id,
                    granted_by: given.granted_by,
                    expires_at: given.expires_at,
                    created_at: given.created_at,
                })
            })
            .await
    }
}
