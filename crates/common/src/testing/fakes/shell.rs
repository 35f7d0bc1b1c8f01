use std::{
    net::IpAddr,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;

use super::kept;
use crate::ports::{
    CaptchaError, CaptchaVerifier, DeliveryError, KeyError, Mail, Mailer, Receipt, SigningKey, SigningKeys,
    Sms, SmsFate, SmsSender,
};

/// Asks nobody for a captcha.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCaptcha;

#[async_trait]
impl CaptchaVerifier for NoCaptcha {
    async fn verify(
        &self,
        _token: Option<&str>,
        _action: &'static str,
        _ip: Option<IpAddr>,
    ) -> Result<(), CaptchaError> {
        Ok(())
    }

    fn site_key(&self) -> Option<(&'static str, &str)> {
        None
    }
}

const RECORDED: Receipt = Receipt { provider: "recording", reference: None, status: None };

/// Keeps mails in memory.
#[derive(Debug, Default)]
pub struct RecordingMailer(Mutex<Vec<Mail>>);

impl RecordingMailer {
    /// What was sent, oldest first.
    pub fn sent(&self) -> Vec<Mail> {
        kept(&self.0).clone()
    }
}

#[async_trait]
impl Mailer for RecordingMailer {
    async fn send(&self, mail: &Mail) -> Result<Receipt, DeliveryError> {
        kept(&self.0).push(mail.clone());
        Ok(RECORDED)
    }
}

/// Keeps SMS in memory.
#[derive(Debug, Default)]
pub struct RecordingSms(Mutex<Vec<Sms>>);

impl RecordingSms {
    /// What was sent, oldest first.
    pub fn sent(&self) -> Vec<Sms> {
        kept(&self.0).clone()
    }
}

#[async_trait]
impl SmsSender for RecordingSms {
    async fn send(&self, sms: &Sms) -> Result<Receipt, DeliveryError> {
        kept(&self.0).push(sms.clone());
        Ok(RECORDED)
    }

    async fn fate(&self, _: &str) -> Result<SmsFate, DeliveryError> {
        Ok(SmsFate::Delivered)
    }
}

/// The keys it was given, which may be changed.
#[derive(Debug)]
pub struct FixedKeys(Mutex<Arc<[SigningKey]>>);

impl FixedKeys {
    /// These keys; the first signs.
    pub fn new(keys: Vec<SigningKey>) -> Self {
        Self(Mutex::new(keys.into()))
    }

    /// From now on these.
    pub fn replace(&self, keys: Vec<SigningKey>) {
        *kept(&self.0) = keys.into();
    }
}

#[async_trait]
impl SigningKeys for FixedKeys {
    async fn keys(&self) -> Result<Arc<[SigningKey]>, KeyError> {
        Ok(Arc::clone(&kept(&self.0)))
    }
}
