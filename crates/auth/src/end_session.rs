//! Signing out another device.

use ouvira_common::{context::RequestContext, id::SessionId};

use crate::{
    Auth, AuthError,
    logout::{ended, own_session},
    model::EndReason,
    store::sessions,
};

impl Auth {
    /// Ends one of the caller's sessions. Somebody else's, or one that has ended, is not there.
    pub async fn end_session(&self, ctx: &RequestContext, session: SessionId) -> Result<(), AuthError> {
        let (user, _) = own_session(ctx)?;
        self.db
            .write(ctx, async |tx| {
                if !sessions::end(tx, session, user, EndReason::Ended).await? {
                    return Err(AuthError::NotFound);
                }
                self.audit.security(tx, ended(user, session, EndReason::Ended));
                Ok(())
            })
            .await
    }
}
