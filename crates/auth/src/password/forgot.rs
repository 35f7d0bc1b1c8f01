//! Somebody cannot sign in.

use ouvira_common::{
    context::RequestContext,
    id::uuid_at,
    text::{Address, Email},
};

use super::PasswordResetRequested;
use crate::{Auth, AuthError, model::AddressHash};

impl Auth {
    /// Takes note that somebody who says that `email` is theirs wants a new password. Nobody looks for the account now, the
    /// worker does, so nothing here can tell whether there is one; neither does a spent budget show.
    pub async fn forgot_password(&self, ctx: &RequestContext, email: &str) -> Result<(), AuthError> {
        let email = Address::Email(Email::parse("/email", email)?);
        let key = &ctx.tenant().data_key;
        let hash = AddressHash::of(key, &email);
        let noted = self
            .db
            .write(ctx, async |tx| {
                self.spend_code(tx, &email, hash).await?;
                let id = uuid_at(tx.now());
                tx.publish(&PasswordResetRequested::seal(id, &email, key, &*self.entropy));
                Ok(())
            })
            .await;
        match noted {
            Err(AuthError::TooMany { .. }) => Ok(()),
            noted => noted,
        }
    }
}
