//! Taking an invitation back.

use ouvira_common::context::RequestContext;

use super::activity;
use crate::{
    AccessControl, AccessError,
    event::InvitationRevoked,
    model::{Invitation, InvitationId, InvitationStatus},
    store,
};

impl AccessControl {
    /// Takes a pending invitation back: its token is worth nothing from now on. Needs `invitation.manage` where it leads.
    pub async fn revoke_invitation(
        &self,
        ctx: &RequestContext,
        id: InvitationId,
    ) -> Result<Invitation, AccessError> {
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                let before = self.manageable_invitation(tx, &caller, id).await?;
                if before.status != InvitationStatus::Pending {
                    return Err(AccessError::NotPending);
                }
                let mut after = before.clone();
                after.status = InvitationStatus::Revoked;
                after.version += 1;
                store::invitations::defer_update(tx, &after, None);
                self.record(tx, activity("invitation.revoked", Some(&before), Some(&after)));
                tx.publish(&InvitationRevoked { invitation_id: id, company_id: after.company });
                Ok(after)
            })
            .await
    }
}
