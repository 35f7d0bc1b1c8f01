//! What goes over the wire.

use apistos::ApiComponent;
use ouvira_common::{
    context::RequestContext,
    http::{
        LoginResultView, SecondFactor,
        cookies::{LoginAnswer, SessionKind},
    },
    id::SessionId,
    locale::Locale,
    settings::SignupPolicy,
    text::Channel,
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::{Challenge, LoginOutcome, Session, SignInOptions};

/// The ways in.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(super) struct MethodsView {
    /// Address and password.
    password: bool,
    /// A time-based code as second factor.
    totp: bool,
    /// A backup code in its place.
    backup_code: bool,
}

/// The captcha that sign-up and login ask for.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(super) struct CaptchaView {
    /// Such as `turnstile`.
    provider: String,
    /// The public key of this site there.
    site_key: String,
}

/// What a new password has to keep to.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(super) struct PasswordRulesView {
    /// In characters, after NFC.
    min_length: u8,
    /// In characters, after NFC.
    max_length: u8,
}

/// What a sign-in page needs.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(super) struct LoginConfigView {
    methods: MethodsView,
    /// Null when no captcha is asked for.
    captcha: Option<CaptchaView>,
    /// Who may sign up.
    signup: SignupPolicy,
    /// Languages of texts and messages.
    locales: Vec<Locale>,
    password: PasswordRulesView,
}

impl From<SignInOptions> for LoginConfigView {
    fn from(options: SignInOptions) -> Self {
        let methods = options.methods;
        Self {
            methods: MethodsView {
                password: methods.password,
                totp: methods.totp,
                backup_code: methods.backup_code,
            },
            captcha: options
                .captcha
                .map(|(provider, site_key)| CaptchaView { provider: provider.to_owned(), site_key }),
            signup: options.signup,
            locales: options.locales.to_vec(),
            password: PasswordRulesView {
                min_length: options.password_min_length,
                max_length: options.password_max_length,
            },
        }
    }
}

/// An empty object: there is nothing to say.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(super) struct Nothing {}

/// A code on its way.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(super) struct ChallengeView {
    challenge_id: Uuid,
    /// The way the code takes.
    channel: Channel,
    /// When the code lapses.
    expires_at: Timestamp,
    /// From when on another one may be asked for.
    resend_at: Timestamp,
}

impl From<Challenge> for ChallengeView {
    fn from(challenge: Challenge) -> Self {
        Self {
            challenge_id: challenge.id.0,
            channel: challenge.channel,
            expires_at: challenge.expires_at,
            resend_at: challenge.resend_at,
        }
    }
}

/// A signed-in device.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(super) struct SessionView {
    id: SessionId,
    /// Whether it is the one that asks.
    current: bool,
    created_at: Timestamp,
    last_used_at: Timestamp,
    expires_at: Timestamp,
    ip: Option<String>,
    user_agent: Option<String>,
    /// What people call it, such as `Firefox on Linux`.
    device: Option<String>,
    /// How its user proved who they are (RFC 8176).
    amr: Vec<String>,
}

impl From<Session> for SessionView {
    fn from(session: Session) -> Self {
        Self {
            id: session.id,
            current: session.current,
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            expires_at: session.expires_at,
            ip: session.ip.map(|ip| ip.to_string()),
            user_agent: session.user_agent,
            device: session.device,
            amr: session.amr,
        }
    }
}

/// The answer to a sign-in, for who asked for that kind of session.
pub(super) fn login_answer(ctx: &RequestContext, outcome: &LoginOutcome, kind: SessionKind) -> LoginAnswer {
    match outcome {
        LoginOutcome::Authenticated { tokens, person } => LoginAnswer::signed_in(ctx, tokens, person, kind),
        LoginOutcome::SetupRequired { tokens } => LoginAnswer::setup_required(ctx, tokens, kind),
        LoginOutcome::SecondFactorRequired(challenge) => {
            LoginAnswer::in_body(LoginResultView::TwoFactorRequired {
                challenge_id: challenge.id.0,
                methods: vec![SecondFactor::Totp, SecondFactor::BackupCode],
                expires_at: challenge.expires_at,
            })
        }
    }
}
