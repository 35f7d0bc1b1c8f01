//! Changing an invitation that was not accepted yet.

use chrono::Duration;
use ouvira_common::{
    context::RequestContext,
    id::RoleId,
    problem::{FieldCode, FieldError, FieldErrors},
    time::Timestamp,
};

use super::{LIFETIME, activity, inviter, parse_message, parse_roles};
use crate::{
    AccessControl, AccessError,
    access_control::expect_version,
    model::{Invitation, InvitationId, InvitationStatus, future},
    store,
};

/// Longest time that an invitation may be made to last, from now.
const LONGEST: Duration = Duration::days(30);

/// What an invitation is to be.
#[derive(Debug, Clone, Default)]
pub struct InvitationEdit {
    /// The roles they are to get; at most 20.
    pub roles: Vec<RoleId>,
    /// Words for them; at most 1000 characters.
    pub message: Option<String>,
    /// Until when it can be accepted, at most 30 days from now; seven days from now when `None`.
    pub expires_at: Option<Timestamp>,
}

impl InvitationEdit {
    fn parse(&self, now: Timestamp) -> Result<(Vec<RoleId>, Option<String>, Timestamp), FieldErrors> {
        let mut fields = FieldErrors::default();
        let roles = fields.check(parse_roles(&self.roles));
        let message = fields.check(parse_message(self.message.as_deref()));
        let expires_at = self.expires_at.unwrap_or(now + LIFETIME);
        let expires_at = fields.check(future("/expires_at", expires_at, now));
        if expires_at.is_some_and(|at| at > now + LONGEST) {
            fields.push(FieldError::new("/expires_at", FieldCode::InvalidChoice));
        }
        fields.into_result(
            roles.zip(message).zip(expires_at).map(|((roles, message), at)| (roles, message, at)),
        )
    }
}

impl AccessControl {
    /// Changes a pending invitation and answers it after that. Nothing is sent, and its token stays. Needs what inviting
    /// with those roles needs; from then on the caller is the inviter. `expected` is the version that was read, when the
    /// caller insists on it.
    pub async fn update_invitation(
        &self,
        ctx: &RequestContext,
        id: InvitationId,
        edit: &InvitationEdit,
        expected: Option<i64>,
    ) -> Result<Invitation, AccessError> {
        let (roles, message, expires_at) = edit.parse(ctx.now())?;
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                let before = self.manageable_invitation(tx, &caller, id).await?;
                expect_version(before.version, expected)?;
                if before.status != InvitationStatus::Pending {
                    return Err(AccessError::NotPending);
                }
                let pointer = |place| format!("/role_ids/{place}");
                self.require_grantable(tx, &caller, &roles, before.company, pointer).await?;
                let mut after = before.clone();
                after.roles.clone_from(&roles);
                after.message.clone_from(&message);
                after.expires_at = expires_at;
                after.invited_by = inviter(tx);
                after.version += 1;
                store::invitations::defer_update(tx, &after, None);
                self.record(tx, activity("invitation.updated", Some(&before), Some(&after)));
                Ok(after)
            })
            .await
    }
}
