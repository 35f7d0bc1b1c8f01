//! Mail and SMS on their way out. Called by the worker, never inside a transaction.

use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::text::{Email, Phone};

/// A mail, ready to send.
#[derive(Debug, Clone)]
pub struct Mail {
    /// To whom.
    pub to: Email,
    /// Subject line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// The values in it, such as the code and the link: for the development inbox, which shows them to programs.
    pub data: Map<String, Value>,
}

/// An SMS, ready to send.
#[derive(Debug, Clone)]
pub struct Sms {
    /// To whom.
    pub to: Phone,
    /// The text.
    pub text: String,
    /// The values in it, such as the code and the link: for the development inbox, which shows them to programs.
    pub data: Map<String, Value>,
}

/// A message did not leave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// It never will: the address is refused.
    #[error("refused for good: {0}")]
    Permanent(String),
    /// It may later.
    #[error("not delivered for now: {0}")]
    Transient(String),
}

/// Sends mail. SMTP, or the development inbox.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands the mail over.
    async fn send(&self, mail: &Mail) -> Result<(), DeliveryError>;
}

/// Sends SMS. Twilio, or the development inbox.
#[async_trait]
pub trait SmsSender: Send + Sync {
    /// Hands the SMS over.
    async fn send(&self, sms: &Sms) -> Result<(), DeliveryError>;
}
