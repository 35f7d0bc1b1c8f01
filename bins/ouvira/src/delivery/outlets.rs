//! Which way a message takes.

use std::sync::Arc;

use async_trait::async_trait;
use ouvira_common::ports::{DeliveryError, Mail, Mailer, Receipt, Sms, SmsFate, SmsSender};

use super::{Inbox, SetupError, smtp::SmtpMailer, twilio::TwilioSms};
use crate::config::DeliveryConfig;

/// The ways out of a worker.
#[derive(Clone)]
pub(crate) struct Outlets {
    /// For mail.
    pub(crate) mailer: Arc<dyn Mailer>,
    /// For SMS.
    pub(crate) sms: Arc<dyn SmsSender>,
}

impl Outlets {
    /// Ways to the configured providers. What has none goes to `inbox`; without one, which is how production runs, it is
    /// refused for good. Nothing is connected to yet.
    pub(crate) fn open(config: &DeliveryConfig, inbox: Option<&Inbox>) -> Result<Self, SetupError> {
        let mailer: Arc<dyn Mailer> = match (&config.smtp, inbox) {
            (Some(smtp), _) => Arc::new(SmtpMailer::new(smtp)?),
            (None, Some(inbox)) => Arc::new(inbox.clone()),
            (None, None) => Arc::new(Unconfigured("mail")),
        };
        let sms: Arc<dyn SmsSender> = match (&config.twilio, inbox) {
            (Some(twilio), _) => Arc::new(TwilioSms::new(twilio)?),
            (None, Some(inbox)) => Arc::new(inbox.clone()),
            (None, None) => Arc::new(Unconfigured("SMS")),
        };
        Ok(Self { mailer, sms })
    }
}

/// No way at all. Nothing is shown either: a production log is no place for codes.
struct Unconfigured(&'static str);

impl Unconfigured {
    fn refuse<T>(&self) -> Result<T, DeliveryError> {
        Err(DeliveryError::Permanent(format!("no provider of {} is configured", self.0)))
    }
}

#[async_trait]
impl Mailer for Unconfigured {
    async fn send(&self, _: &Mail) -> Result<Receipt, DeliveryError> {
        self.refuse()
    }
}

#[async_trait]
impl SmsSender for Unconfigured {
    async fn send(&self, _: &Sms) -> Result<Receipt, DeliveryError> {
        self.refuse()
    }

    async fn fate(&self, _: &str) -> Result<SmsFate, DeliveryError> {
        self.refuse()
    }
}
