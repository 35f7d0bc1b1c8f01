//! A secret for an authenticator.

use ouvira_common::{
    context::RequestContext,
    ports::{Outcome, SecurityEvent},
    secret::Secret,
};
use qrcode::{QrCode, render::svg};
use serde_json::json;

use crate::{
    Auth, AuthError, logout::own_session, model::TotpSecret, step_up::require_recent_sign_in,
    store::totp_factors,
};

/// What an authenticator is set up with.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The secret, base32, to be typed.
    pub secret: Secret,
    /// The same as an `otpauth` URI.
    pub uri: Secret,
    /// The same as a QR code, an SVG image.
    pub qr_svg: Secret,
}

impl Enrolment {
    /// With `secret`, for `account` at `issuer`.
    pub(crate) fn of(secret: &TotpSecret, issuer: &str, account: &str) -> Self {
        let uri = secret.uri(issuer, account);
        Self {
            secret: Secret::new(secret.base32()),
            qr_svg: Secret::new(qr_svg(&uri)),
            uri: Secret::new(uri),
        }
    }
}

impl Auth {
    /// Makes a secret for the caller's authenticator, in place of one that was never confirmed. Asks for the password and a
    /// recent sign-in. Nothing is on before [`Auth::confirm_second_factor`].
    pub async fn enable_second_factor(
        &self,
        ctx: &RequestContext,
        password: &Secret,
    ) -> Result<Enrolment, AuthError> {
        let (user, _) = own_session(ctx)?;
        require_recent_sign_in(ctx)?;
        let proven = self.check_own_password(ctx, user, password).await?;
        let secret = TotpSecret::generate(&*self.entropy);
        let key = &ctx.tenant().data_key;
        let sealed = key.seal(totp_factors::secret_place(user), secret.expose(), &*self.entropy);
        self.db
            .write(ctx, async |tx| {
                self.accept_own_password(tx, &proven).await?;
                if !totp_factors::put_pending(tx, user, &sealed).await? {
                    return Err(AuthError::AlreadyEnabled);
                }
                let person = self.users.get(tx, &[user]).await?.remove(&user).ok_or(AuthError::NotFound)?;
                let account =
                    person.email.as_ref().map_or_else(|| person.label(), |email| email.as_str().to_owned());
                let event = SecurityEvent {
                    event: "second_factor.requested",
                    outcome: Outcome::Success,
                    user: Some(user),
                    details: json!({}),
                };
                self.audit.security(tx, event);
                Ok(Enrolment::of(&secret, &ctx.tenant().name, &account))
            })
            .await
    }
}

/// At least so many pixels wide.
const WIDTH: u32 = 240;

fn qr_svg(text: &str) -> String {
    let code = QrCode::new(text).expect("a URI with two names is shorter than a QR code's limit");
    code.render::<svg::Color<'_>>().min_dimensions(WIDTH, WIDTH).build()
}
