//! Mail, SMS and captcha.

use std::{borrow::Cow, path::PathBuf};

use lettre::message::Mailbox;
use ouvira_common::secret::Secret;
use reqwest::Url;

use super::{
    WebAddress,
    source::{Refusal, Source, secret, text},
};

/// How the service reaches people. What is missing is in local mode replaced by the development inbox.
#[derive(Debug)]
pub(crate) struct DeliveryConfig {
    /// `SMTP_URL`, `MAIL_FROM`.
    pub(crate) smtp: Option<SmtpConfig>,
    /// `TWILIO_*`.
    pub(crate) twilio: Option<TwilioConfig>,
    /// `TURNSTILE_*`; without it nobody is asked for a captcha.
    pub(crate) turnstile: Option<TurnstileConfig>,
    /// `MESSAGE_TEMPLATES`: a directory with templates that replace the built-in ones.
    pub(crate) templates: Option<PathBuf>,
}

/// A mail server.
#[derive(Debug, Clone)]
pub(crate) struct SmtpConfig {
    /// Where it is and who we are there: `smtp://user:password@host:587` (STARTTLS) or `smtps://…` (TLS from the start).
    pub(crate) url: Secret,
    /// Whom mails are from.
    pub(crate) from: Mailbox,
}

/// An account with Twilio.
#[derive(Debug, Clone)]
pub(crate) struct TwilioConfig {
    /// Where its API is.
    pub(crate) base_url: WebAddress,
    /// The account.
    pub(crate) account_sid: String,
    /// Its password.
    pub(crate) auth_token: Secret,
    /// A number, a sender's name, or the id of a messaging service (`MG…`).
    pub(crate) from: String,
}

/// A widget of Cloudflare Turnstile.
#[derive(Debug, Clone)]
pub(crate) struct TurnstileConfig {
    /// Where tokens are checked.
    pub(crate) verify_url: WebAddress,
    /// What the sign-in page needs.
    pub(crate) site_key: String,
    /// What checking needs.
    pub(crate) secret: Secret,
}

impl DeliveryConfig {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        Self {
            smtp: SmtpConfig::read(source),
            twilio: TwilioConfig::read(source),
            turnstile: TurnstileConfig::read(source),
            templates: source.optional("MESSAGE_TEMPLATES", directory),
        }
    }
}

impl SmtpConfig {
    fn read(source: &mut Source<'_>) -> Option<Self> {
        let url = source.secret("SMTP_URL", smtp_url);
        let from = source.optional("MAIL_FROM", |text| {
            text.parse::<Mailbox>()
                .map_err(|_| "must be a sender such as Ouvira <no-reply@example.com>".to_owned())
        });
        if url.is_some() && from.is_none() {
            source.mistake("MAIL_FROM", "is missing beside SMTP_URL");
        }
        Some(Self { url: url?, from: from? })
    }
}

impl TwilioConfig {
    fn read(source: &mut Source<'_>) -> Option<Self> {
        let base_url = source.or("TWILIO_BASE_URL", "https://api.twilio.com", WebAddress::parse);
        let account_sid = source.optional("TWILIO_ACCOUNT_SID", |sid| {
            let fits = !sid.is_empty() && sid.chars().all(|c| c.is_ascii_alphanumeric());
            if fits { text(sid) } else { Err("must be the id of an account".to_owned()) }
        });
        let auth_token = source.secret("TWILIO_AUTH_TOKEN", secret);
        let from = source.optional("TWILIO_FROM", text);
        let parts = [
            ("TWILIO_ACCOUNT_SID", account_sid.is_some()),
            ("TWILIO_AUTH_TOKEN", auth_token.is_some()),
            ("TWILIO_FROM", from.is_some()),
        ];
        if parts.iter().any(|(_, given)| *given) {
            for (name, _) in parts.iter().filter(|(_, given)| !given) {
                source.mistake(name, "is missing beside the other variables of Twilio");
            }
        }
        Some(Self { base_url, account_sid: account_sid?, auth_token: auth_token?, from: from? })
    }
}

impl TurnstileConfig {
    fn read(source: &mut Source<'_>) -> Option<Self> {
        let verify = "https://challenges.cloudflare.com/turnstile/v0/siteverify";
        let verify_url = source.or("TURNSTILE_VERIFY_URL", verify, WebAddress::parse);
        let site_key = source.optional("TURNSTILE_SITE_KEY", text);
        let secret = source.secret("TURNSTILE_SECRET", secret);
        match (&site_key, &secret) {
            (None, Some(_)) => source.mistake("TURNSTILE_SITE_KEY", "is missing beside TURNSTILE_SECRET"),
            (Some(_), None) => source.mistake("TURNSTILE_SECRET", "is missing beside TURNSTILE_SITE_KEY"),
            _ => {}
        }
        Some(Self { verify_url, site_key: site_key?, secret: secret? })
    }
}

fn smtp_url(text: &str) -> Result<Secret, Refusal> {
    let refused = || "must be smtp://user:password@host:587 or smtps://…".to_owned();
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "smtp" | "smtps") && url.has_host());
    let url = url.ok_or_else(refused)?;
    let known =
        |(name, value): (Cow<'_, str>, Cow<'_, str>)| name == "tls" && matches!(&*value, "required" | "off");
    if url.query_pairs().all(known) {
        secret(text)
    } else {
        Err("may end with ?tls=required or ?tls=off".to_owned())
    }
}

fn directory(text: &str) -> Result<PathBuf, Refusal> {
    let path = PathBuf::from(text);
    if path.is_dir() { Ok(path) } else { Err("must be a directory".to_owned()) }
}
