//! Sending an invitation again.

use ouvira_common::context::RequestContext;

use super::{LIFETIME, activity, inviter, token::Token};
use crate::{
    AccessControl, AccessError,
    model::{Invitation, InvitationId, InvitationStatus},
    store,
};

impl AccessControl {
    /// Sends a pending or expired invitation again, with a new token and seven more days; the token sent before is worth
    /// nothing from then on. Needs what inviting with its roles needs; from then on the caller is the inviter.
    pub async fn resend_invitation(
        &self,
        ctx: &RequestContext,
        id: InvitationId,
    ) -> Result<Invitation, AccessError> {
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                let before = self.manageable_invitation(tx, &caller, id).await?;
                if !matches!(before.status, InvitationStatus::Pending | InvitationStatus::Expired) {
                    return Err(AccessError::NotPending);
                }
                let mut after = before.clone();
                // Roles that were deleted since are not missed.
                let known = self.grants.known_roles(tx, &before.roles).await?;
                after.roles.retain(|role| known.contains_key(role));
                self.require_grantable(tx, &caller, &after.roles, before.company, |_| "/role_ids".to_owned())
                    .await?;
                after.status = InvitationStatus::Pending;
                after.expires_at = tx.now() + LIFETIME;
                after.invited_by = inviter(tx);
                after.version += 1;
                let token = Token::new(&*self.entropy);
                let hash = token.hash(&tx.context().tenant().data_key);
                store::invitations::defer_update(tx, &after, Some(hash));
                self.record(tx, activity("invitation.resent", Some(&before), Some(&after)));
                self.send(tx, &after, &token).await?;
                Ok(after)
            })
            .await
    }
}
