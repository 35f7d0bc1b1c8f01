//! Whether captchas are asked for, and by whom they are checked.

use std::{net::IpAddr, sync::Arc};

use async_trait::async_trait;
use ouvira_common::ports::{CaptchaError, CaptchaVerifier};

use super::{SetupError, turnstile::Turnstile};
use crate::config::Config;

/// Asks nobody for a captcha.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NoCaptcha;

#[async_trait]
impl CaptchaVerifier for NoCaptcha {
    async fn verify(&self, _: Option<&str>, _: &'static str, _: Option<IpAddr>) -> Result<(), CaptchaError> {
        Ok(())
    }

    fn site_key(&self) -> Option<(&'static str, &str)> {
        None
    }
}

/// Turnstile where it is configured, for the pages that the service trusts; else none.
pub(crate) fn captcha(config: &Config) -> Result<Arc<dyn CaptchaVerifier>, SetupError> {
    match &config.delivery.turnstile {
        Some(turnstile) => Ok(Arc::new(Turnstile::new(turnstile, config.http.page_hosts())?)),
        None => Ok(Arc::new(NoCaptcha)),
    }
}
