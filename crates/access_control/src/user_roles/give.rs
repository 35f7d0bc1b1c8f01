//! Giving a role to a user, tenant-wide or in a company.

use ouvira_common::{
    context::RequestContext,
    db::Tx,
    id::{CompanyId, RoleId, UserId},
    permission::Scope,
    time::Timestamp,
};

use crate::{
    AccessControl, AccessError,
    decision::Caller,
    grants::{Gift, Place, giver},
    model::{UserRole, future},
    permission::{MEMBER_MANAGE, ROLE_GRANT},
    store,
};

/// A role for a user.
#[derive(Debug, Clone, Copy)]
pub struct NewUserRole {
    /// Whose.
    pub user: UserId,
    /// Which.
    pub role: RoleId,
    /// In which company; `None` for tenant-wide.
    pub company: Option<CompanyId>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

impl AccessControl {
    /// Gives a role to a user. Needs `role.grant` there and everything that the role gives. Who is not a member of the
    /// company becomes one, which needs `member.manage` too.
    pub async fn give_user_role(
        &self,
        ctx: &RequestContext,
        new: &NewUserRole,
    ) -> Result<UserRole, AccessError> {
        let expires_at = new.expires_at.map(|at| future("/expires_at", at, ctx.now())).transpose()?;
        let new = NewUserRole { expires_at, ..*new };
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                self.require_in(tx, &caller, &ROLE_GRANT, new.company, "/company_id").await?;
                self.give_checked(tx, &caller, &new, "/role_id").await
            })
            .await
    }

    /// The same once it is clear that the caller may give roles there; `pointer` is where the request names the role.
    pub(super) async fn give_checked(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        new: &NewUserRole,
        pointer: &str,
    ) -> Result<UserRole, AccessError> {
        self.require_user(tx, new.user, "/user_id").await?;
        let role = self.grants.known_role(tx, new.role).await?.filter(|role| role.fits(new.company));
        let role = role.ok_or_else(|| AccessError::unknown(pointer))?;
        let place = match new.company {
            None => Place::Tenant,
            Some(company) => self.place_in(tx, caller, new.user, company).await?,
        };
        role.require_grantable(caller, place.scope())?;
        let gift = Gift { user: new.user, place, role: &role, expires_at: new.expires_at, by: giver(tx) };
        self.grants.give(tx, gift, pointer).await
    }

    /// The user's membership, a new one if there is none yet.
    async fn place_in(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        user: UserId,
        company: CompanyId,
    ) -> Result<Place, AccessError> {
        let membership = if let Some(membership) = store::memberships::of(tx, user, company).await? {
            membership
        } else {
            caller.require(&MEMBER_MANAGE, Scope::Company(company))?;
            self.join(tx, user, company, None).await?
        };
        Ok(Place::Company { company, membership: membership.id })
    }
}
