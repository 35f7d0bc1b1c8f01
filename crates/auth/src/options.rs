//! What a sign-in page has to know.

use ouvira_common::{context::RequestContext, locale::Locale, settings::SignupPolicy};

use crate::{Auth, password};

/// How people may sign up and in at a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInOptions {
    /// The ways in.
    pub methods: SignInMethods,
    /// Provider and site key of the captcha; `None` when none is asked for.
    pub captcha: Option<(&'static str, String)>,
    /// Who may sign up.
    pub signup: SignupPolicy,
    /// Languages of texts and messages.
    pub locales: [Locale; 3],
    /// Shortest password, characters.
    pub password_min_length: u8,
    /// Longest password, characters.
    pub password_max_length: u8,
}

/// The ways in that are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInMethods {
    /// Address and password.
    pub password: bool,
    /// A time-based code as second factor.
    pub totp: bool,
    /// A backup code in its place.
    pub backup_code: bool,
}

impl Auth {
    /// How people may sign up and in here; no account is needed to know.
    pub fn sign_in_options(&self, ctx: &RequestContext) -> SignInOptions {
        let settings = ctx.settings();
        SignInOptions {
            methods: SignInMethods { password: true, totp: true, backup_code: true },
            captcha: self.captcha.site_key().map(|(provider, key)| (provider, key.to_owned())),
            signup: settings.signup,
            locales: Locale::ALL,
            password_min_length: settings.password_min_length.max(password::MIN_LENGTH),
            password_max_length: password::MAX_LENGTH,
        }
    }
}
