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

/// What a provider said when it took a message; no address is in it. What becomes of the message then is the provider's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Who took it, such as `twilio`.
    pub provider: &'static str,
    /// What it is called there: the number of an SMS, the `Message-ID` of a mail.
    pub reference: Option<String>,
    /// The provider's word for where it is, such as `queued`.
    pub status: Option<String>,
}

/// What became of an SMS that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmsFate {
    /// Still to be seen; the provider's word for where it is.
    Pending(String),
    /// It arrived.
    Delivered,
    /// It will not arrive, and why.
    Failed(String),
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
    async fn send(&self, mail: &Mail) -> Result<Receipt, DeliveryError>;
}

/// Sends SMS. Twilio, or the development inbox.
#[async_trait]
pub trait SmsSender: Send + Sync {
    /// Hands the SMS over.
    async fn send(&self, sms: &Sms) -> Result<Receipt, DeliveryError>;

    /// What became of the SMS that a receipt names so.
    async fn fate(&self, reference: &str) -> Result<SmsFate, DeliveryError>;
}
