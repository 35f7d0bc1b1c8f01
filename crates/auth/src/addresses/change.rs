//! Somebody signed in has a new address.

use ouvira_common::{context::RequestContext, text::Address};

use crate::{
    Auth, AuthError, Challenge, logout::own_session, model::Purpose, step_up::require_recent_sign_in,
};

impl Auth {
    /// Sends a code to `address`, which becomes the caller's own with [`Auth::confirm_address`], in place of the former one
    /// of its kind. Whether somebody else has it shows nowhere but in what that person receives. Asks for a recent sign-in.
    pub async fn change_address(
        &self,
        ctx: &RequestContext,
        address: &Address,
    ) -> Result<Challenge, AuthError> {
        let (user, _) = own_session(ctx)?;
        require_recent_sign_in(ctx)?;
        let purpose = Purpose::change_by(address.channel());
        self.db.write(ctx, async |tx| self.challenge(tx, purpose, address, Some(user)).await).await
    }
}
