//! Signing out everywhere else.

use ouvira_common::{
    context::RequestContext,
    ports::{Outcome, SecurityEvent},
};
use serde_json::json;

use crate::{
    Auth, AuthError, logout::own_session, model::EndReason, step_up::require_recent_sign_in, store::sessions,
};

impl Auth {
    /// Ends all of the caller's sessions but the one that calls. Needs a recent sign-in: it is what a thief would do first.
    pub async fn end_other_sessions(&self, ctx: &RequestContext) -> Result<(), AuthError> {
        let (user, session) = own_session(ctx)?;
        require_recent_sign_in(ctx)?;
        self.db
            .write(ctx, async |tx| {
                sessions::end_all(tx, user, Some(session), EndReason::Ended);
                let details = json!({"kept": session, "reason": EndReason::Ended.as_str()});
                let event = SecurityEvent {
                    event: "sessions.ended",
                    outcome: Outcome::Success,
                    user: Some(user),
                    details,
                };
                self.audit.security(tx, event);
                Ok(())
            })
            .await
    }
}
