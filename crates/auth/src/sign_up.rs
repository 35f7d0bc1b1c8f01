//! Somebody new gives an address.

use ouvira_common::{context::RequestContext, settings::SignupPolicy, text::Address};

use crate::{Auth, AuthError, Challenge, model::Purpose};

/// Exactly one address, and the captcha where one is asked for.
#[derive(Debug, Clone, Default)]
pub struct SignUp {
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number, international.
    pub phone: Option<String>,
    /// Answer of the captcha.
    pub captcha_token: Option<String>,
}

impl Auth {
    /// Sends a code to the address of a [`SignUp`]; when it has an account already, its holder is told so instead, and the
    /// caller cannot tell. Fails when the tenant takes nobody, when the captcha was not solved, or when the address was
    /// sent enough for now.
    pub async fn sign_up(&self, ctx: &RequestContext, request: SignUp) -> Result<Challenge, AuthError> {
        require_open(ctx)?;
        let address = Address::one_of(request.email.as_deref(), request.phone.as_deref())?;
        self.captcha.verify(request.captcha_token.as_deref(), "signup", ctx.origin().ip).await?;
        self.db
            .write(ctx, async |tx| {
                require_open(tx.context())?;
                self.challenge(tx, Purpose::Signup, &address, None).await
            })
            .await
    }
}

/// Fails unless anybody may sign up. Within a transaction the settings are the present ones, whatever the node had cached.
pub(crate) fn require_open(ctx: &RequestContext) -> Result<(), AuthError> {
    if ctx.settings().signup == SignupPolicy::Open { Ok(()) } else { Err(AuthError::SignupClosed) }
}
