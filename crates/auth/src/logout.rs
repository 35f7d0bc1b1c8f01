//! Signing out.

use ouvira_common::{
    context::RequestContext,
    id::{SessionId, UserId},
    ports::{Outcome, SecurityEvent},
};
use serde_json::json;

use crate::{Auth, AuthError, model::EndReason, store::sessions};

impl Auth {
    /// Ends the caller's session: its tokens are refused by every node from the next request on.
    pub async fn logout(&self, ctx: &RequestContext) -> Result<(), AuthError> {
        let (user, session) = own_session(ctx)?;
        self.db
            .write(ctx, async |tx| {
                if sessions::end(tx, session, user, EndReason::Logout).await? {
                    self.audit.security(tx, ended(user, session, EndReason::Logout));
                }
                Ok(())
            })
            .await
    }
}

/// The user who calls, and the session they call from; somebody else has none.
pub(crate) fn own_session(ctx: &RequestContext) -> Result<(UserId, SessionId), AuthError> {
    ctx.user_id().zip(ctx.session_id()).ok_or(AuthError::NotFound)
}

pub(crate) fn ended(user: UserId, session: SessionId, reason: EndReason) -> SecurityEvent {
    let details = json!({"session": session, "reason": reason.as_str()});
    SecurityEvent { event: "session.ended", outcome: Outcome::Success, user: Some(user), details }
}
