//! Deleting an invitation.

use ouvira_common::context::RequestContext;

use super::activity;
use crate::{AccessControl, AccessError, access_control::expect_version, model::InvitationId, store};

impl AccessControl {
    /// Deletes an invitation, whatever became of it. Needs `invitation.manage` where it leads.
    pub async fn delete_invitation(
        &self,
        ctx: &RequestContext,
        id: InvitationId,
        expected: Option<i64>,
    ) -> Result<(), AccessError> {
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                let invitation = self.manageable_invitation(tx, &caller, id).await?;
                expect_version(invitation.version, expected)?;
                store::invitations::defer_delete(tx, id);
                self.record(tx, activity("invitation.deleted", Some(&invitation), None));
                Ok(())
            })
            .await
    }
}
