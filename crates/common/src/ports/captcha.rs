//! Telling people from programs.

use std::net::IpAddr;

use async_trait::async_trait;

use crate::problem::{Code, Failure};

/// A captcha was not solved, or could not be checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaptchaError {
    /// Missing, wrong, used, for another action.
    #[error("the captcha was not solved")]
    Refused,
    /// The verifier does not answer.
    #[error("the captcha cannot be checked: {0}")]
    Unavailable(String),
}

impl Failure for CaptchaError {
    fn code(&self) -> Code {
        match self {
            Self::Refused => Code::CaptchaFailed,
            Self::Unavailable(_) => Code::ServiceUnavailable,
        }
    }
}

/// Checks captchas. Implemented by the shell: Turnstile, or none.
#[async_trait]
pub trait CaptchaVerifier: Send + Sync {
    /// Checks `token`, made for `action`.
    async fn verify(
        &self,
        token: Option<&str>,
        action: &'static str,
        ip: Option<IpAddr>,
    ) -> Result<(), CaptchaError>;

    /// Provider and site key, for the sign-in page; `None` when no captcha is asked for.
    fn site_key(&self) -> Option<(&'static str, &str)>;
}
