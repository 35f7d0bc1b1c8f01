//! A new password by a link.

use ouvira_common::{
    context::RequestContext, db::Tx, id::UserId, ports::Person, secret::Secret, text::Address,
};

use crate::{
    Auth, AuthError,
    model::{OneTimeToken, TokenPurpose},
    password::{NewPassword, replace::How},
    store::one_time_tokens,
};

impl Auth {
    /// Gives the user a link was sent to a new password. All their sessions end, and none begins: a second factor is asked
    /// for at the next login as ever (ASVS V6.4.3). A link works once.
    pub async fn reset_password(
        &self,
        ctx: &RequestContext,
        token: &Secret,
        new: &Secret,
    ) -> Result<(), AuthError> {
        let key = &ctx.tenant().data_key;
        let token = OneTimeToken::parse(token, TokenPurpose::PasswordReset, key)
            .ok_or(AuthError::ResetTokenInvalid)?;
        let new = NewPassword::parse("/new_password", new, ctx.settings())?.at(ctx);
        let hash = self.passwords.hash_new(&new).await?;
        self.db
            .write(ctx, async |tx| {
                let redeemed =
                    one_time_tokens::redeem(tx, token).await?.ok_or(AuthError::ResetTokenInvalid)?;
                let (user, address) =
                    redeemed.user.zip(redeemed.address).ok_or(AuthError::ResetTokenInvalid)?;
                let address = address.open(key, one_time_tokens::address_place(token.id))?;
                let person = self.holder(tx, user, &address).await?;
                self.replace_password(tx, &person, &hash, How::Reset);
                Ok(())
            })
            .await
    }

    /// The user, if the link's address is still theirs; a first link proves it.
    async fn holder(&self, tx: &mut Tx, user: UserId, address: &Address) -> Result<Person, AuthError> {
        let person = self.users.get(tx, &[user]).await?.remove(&user).filter(|person| person.active);
        let theirs =
            |person: &Person| person.email.as_ref().is_some_and(|email| email.folded() == address.folded());
        let person = person.filter(theirs).ok_or(AuthError::ResetTokenInvalid)?;
        if person.email_verified {
            return Ok(person);
        }
        self.users.verify_address(tx, user, address).await.map_err(|error| match error {
            ouvira_common::ports::UserDirectoryError::Db(error) => error.into(),
            _ => AuthError::ResetTokenInvalid,
        })
    }
}
