//! Sensitive calls ask for a recent sign-in.

use ouvira_common::context::RequestContext;

use crate::{AuthError, config::STEP_UP_WITHIN};

/// Fails when the caller did not prove who they are within the last ten minutes (ASVS V7.5.3).
pub(crate) fn require_recent_sign_in(ctx: &RequestContext) -> Result<(), AuthError> {
    let recent = |at| ctx.now() - at <= STEP_UP_WITHIN;
    if ctx.authentication().at.is_some_and(recent) {
        Ok(())
    } else {
        Err(AuthError::ReauthenticationRequired)
    }
}
