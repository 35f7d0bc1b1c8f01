//! A secret for an operator's authenticator.

use ouvira_common::{
    platform::PlatformContext,
    ports::{Guessed, VerifiedOperator},
    secret::Secret,
};

use super::{OperatorAuth, require_recent_sign_in, second_factor::secret_place};
use crate::{
    AuthError, Enrolment,
    model::TotpSecret,
    password::{Verdict, normalised},
};

/// What authenticators call us.
const ISSUER: &str = "Ouvira operators";

impl OperatorAuth {
    /// Makes a secret for the operator's authenticator, in place of one that was never confirmed. Asks for the password and a
    /// recent sign-in. Nothing is on before [`OperatorAuth::confirm_second_factor`].
    pub async fn enable_second_factor(
        &self,
        ctx: &PlatformContext,
        token: &VerifiedOperator,
        password: &Secret,
    ) -> Result<Enrolment, AuthError> {
        require_recent_sign_in(token, ctx.now)?;
        let account = self.accounts.account(token.operator).await?.ok_or(AuthError::NotFound)?;
        self.count_guess(account.id, Guessed::Password, ctx.now).await?;
        let verdict =
            self.passwords.hasher.verify(&normalised(password), Some(account.password.0.expose())).await?;
        if verdict == Verdict::Wrong {
            return Err(AuthError::PasswordIncorrect);
        }
        let secret = TotpSecret::generate(&*self.entropy);
        let key = self.accounts.key().await?;
        let sealed = key.seal(secret_place(account.id), secret.expose(), &*self.entropy);
        if !self.enrolment.put_pending(ctx, account.id, &sealed).await? {
            return Err(AuthError::AlreadyEnabled);
        }
        Ok(Enrolment::of(&secret, ISSUER, &account.email))
    }
}
