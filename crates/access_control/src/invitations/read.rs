//! Reading one invitation.

use ouvira_common::context::RequestContext;

use crate::{
    AccessControl, AccessError,
    grants::scope_of,
    model::{Invitation, InvitationId},
    permission::INVITATION_READ,
    store,
};

impl AccessControl {
    /// One invitation. Needs `invitation.read` where it leads; to others it is not there.
    pub async fn invitation(
        &self,
        ctx: &RequestContext,
        id: InvitationId,
    ) -> Result<Invitation, AccessError> {
        self.db
            .read(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                let found = store::invitations::find(tx, id).await?;
                let seen = found.filter(|found| caller.holds(&INVITATION_READ, scope_of(found.company)));
                seen.ok_or(AccessError::NotFound)
            })
            .await
    }
}
