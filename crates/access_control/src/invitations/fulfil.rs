//! What happens when an invitation is accepted, however it is.

use ouvira_common::{db::Tx, id::UserId, principal::PrincipalKind};

use super::activity;
use crate::{
    AccessControl, AccessError,
    decision::{Caller, Snapshot},
    event::InvitationAccepted,
    grants::{Gift, Place, scope_of},
    model::{Invitation, InvitationStatus, Membership},
    permission::{INVITATION_MANAGE, ROLE_GRANT},
    store,
};

impl AccessControl {
    /// What the inviter holds by now: who may no longer invite there has invited nobody.
    pub(super) async fn inviter(&self, tx: &mut Tx, invitation: &Invitation) -> Result<Caller, AccessError> {
        let inviter = self.inviter_now(tx, invitation).await?;
        let may = inviter.holds(&INVITATION_MANAGE, scope_of(invitation.company));
        if may { Ok(inviter) } else { Err(AccessError::InvitationInvalid) }
    }

    /// Makes `user` what the invitation says, as far as its inviter can still give it: a role that they no longer hold in
    /// full is left out.
    pub(super) async fn fulfil(
        &self,
        tx: &mut Tx,
        invitation: &Invitation,
        inviter: &Caller,
        user: UserId,
    ) -> Result<Option<Membership>, AccessError> {
        let scope = scope_of(invitation.company);
        let membership = self.membership_for(tx, invitation, user).await?;
        let place = membership.as_ref().map_or(Place::Tenant, |membership| Place::Company {
            company: membership.company,
            membership: membership.id,
        });
        let known = self.grants.known_roles(tx, &invitation.roles).await?;
        let given = invitation.roles.iter().filter_map(|role| known.get(role)).filter(|role| {
            role.fits(invitation.company)
                && inviter.holds(&ROLE_GRANT, scope)
                && role.covered_by(inviter, scope)
        });
        for role in given {
            let gift = Gift { user, place, role, expires_at: None, by: Some(invitation.invited_by.id) };
            match self.grants.give(tx, gift, "/token").await {
                Ok(_) | Err(AccessError::AlreadyGranted) => {}
                Err(error) => return Err(error),
            }
        }
        let mut after = invitation.clone();
        after.status = InvitationStatus::Accepted;
        after.accepted_at = Some(tx.now());
        after.accepted_by = Some(user);
        after.version += 1;
        store::invitations::defer_update(tx, &after, None);
        self.record(tx, activity("invitation.accepted", Some(invitation), Some(&after)));
        let (invitation_id, company_id) = (invitation.id, invitation.company);
        tx.publish(&InvitationAccepted { invitation_id, company_id, user_id: user });
        Ok(membership)
    }

    /// What the inviter holds at this moment.
    async fn inviter_now(&self, tx: &mut Tx, invitation: &Invitation) -> Result<Caller, AccessError> {
        let catalogue = self.catalogue();
        Ok(match invitation.invited_by.kind {
            PrincipalKind::Operator => Caller::operator(catalogue),
            PrincipalKind::System => Caller::everything(catalogue),
            PrincipalKind::ServiceAccount => Caller::nobody(catalogue),
            PrincipalKind::User => {
                let user = UserId(invitation.invited_by.id);
                let person = self.grants.users.get(tx, &[user]).await?.remove(&user);
                if !person.is_some_and(|person| person.active) {
                    return Ok(Caller::nobody(catalogue));
                }
                let facts = store::facts::of_user(tx, catalogue, user).await?;
                let version = tx.open().await?.rights;
                // They had shown it when they invited, where it was asked for.
                Caller::user(catalogue, std::sync::Arc::new(Snapshot::of(&facts, version)), true)
            }
        })
    }

    /// The membership that accepting gives, or the one that is there already.
    async fn membership_for(
        &self,
        tx: &mut Tx,
        invitation: &Invitation,
        user: UserId,
    ) -> Result<Option<Membership>, AccessError> {
        let Some(company) = invitation.company else { return Ok(None) };
        if store::companies::present(tx, &[company]).await?.is_empty() {
            return Err(AccessError::InvitationInvalid);
        }
        match store::memberships::of(tx, user, company).await? {
            Some(membership) => Ok(Some(membership)),
            None => Ok(Some(self.join(tx, user, company, None).await?)),
        }
    }
}
