//! An operator signs out.

use ouvira_common::{platform::PlatformContext, ports::VerifiedOperator};

use super::OperatorAuth;
use crate::{AuthError, model::EndReason};

impl OperatorAuth {
    /// Ends the operator's session, and the leave that they took in it to act in tenants: at once, on every node.
    pub async fn logout(&self, ctx: &PlatformContext, token: &VerifiedOperator) -> Result<(), AuthError> {
        self.sessions.end(ctx, token.session, EndReason::Logout.as_str()).await?;
        Ok(())
    }
}
