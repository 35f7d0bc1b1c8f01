//! What a deployment decides about signing in.

use chrono::Duration;

/// Settings of the deployment; those of a tenant are in its [`TenantSettings`](ouvira_common::settings::TenantSettings).
#[derive(Debug, Clone)]
pub struct AuthConfig {
    /// Where links in messages lead, without a trailing slash (`APP_URL`); never taken from a request.
    pub app_url: String,
    /// Whether budgets of codes and delays after failed logins apply (`RATE_LIMITS`). The tries of one challenge, the
    /// guesses at one second factor and the pause before a code is sent again always do.
    pub rate_limits: bool,
}

/// How long a code lives.
pub(crate) const CODE_LIFETIME: Duration = Duration::minutes(10);
/// Wrong codes that a challenge takes; the last one ends it.
pub(crate) const CODE_TRIES: i16 = 5;
/// The pause before a code may be sent again; it doubles with each time.
pub(crate) const RESEND_PAUSE: Duration = Duration::seconds(30);
/// How long a verified address may wait for the rest of the sign-up.
pub(crate) const SIGNUP_TOKEN_LIFETIME: Duration = Duration::minutes(30);
/// How long an access token lives.
pub(crate) const ACCESS_LIFETIME: Duration = Duration::minutes(15);
/// For how long a refresh token that was just replaced gets the same successor again: an answer was lost.
pub(crate) const REFRESH_GRACE: Duration = Duration::seconds(10);
/// How recent a sign-in must be for what asks for a recent one (ASVS V7.5).
pub(crate) const STEP_UP_WITHIN: Duration = Duration::minutes(10);
/// How long somebody who has given the first factor may take for the second.
pub(crate) const LOGIN_CHALLENGE_LIFETIME: Duration = Duration::minutes(10);
/// How long a link to choose a new password works.
pub(crate) const RESET_TOKEN_LIFETIME: Duration = Duration::minutes(30);
/// How long a link to choose the first password works, for somebody an administrator wrote down.
pub(crate) const SET_PASSWORD_LIFETIME: Duration = Duration::days(7);
/// How long a link that proves an address works: as long as the claim lasts.
pub(crate) const VERIFICATION_LIFETIME: Duration = Duration::days(7);
