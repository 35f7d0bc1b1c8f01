//! Somebody signed in chooses another password.

use ouvira_common::{context::RequestContext, db::Tx, id::UserId, ports::Person, secret::Secret};

use crate::{
    Auth, AuthError,
    logout::own_session,
    password::{NewPassword, replace::How},
    step_up::require_recent_sign_in,
};

impl Auth {
    /// Gives the caller a new password; asks for the present one and for a recent sign-in. All other sessions end
    /// (ASVS V7.4.3).
    pub async fn change_password(
        &self,
        ctx: &RequestContext,
        current: &Secret,
        new: &Secret,
    ) -> Result<(), AuthError> {
        let (user, session) = own_session(ctx)?;
        require_recent_sign_in(ctx)?;
        let new = NewPassword::parse("/new_password", new, ctx.settings())?.at(ctx);
        let proven = self.check_own_password(ctx, user, current).await?;
        let person = self.db.read(ctx, async |tx| self.person(tx, user).await).await?;
        let hash = self.passwords.hash_new(&new.of(&person)).await?;
        self.db
            .write(ctx, async |tx| {
                self.accept_own_password(tx, &proven).await?;
                let person = self.person(tx, user).await?;
                self.replace_password(tx, &person, &hash, How::Changed { keep: session });
                Ok(())
            })
            .await
    }

    async fn person(&self, tx: &mut Tx, user: UserId) -> Result<Person, AuthError> {
        self.users.get(tx, &[user]).await?.remove(&user).ok_or(AuthError::NotFound)
    }
}
