//! Mail over SMTP (RFC 5321), with TLS.

use std::time::Duration;

use async_trait::async_trait;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
    transport::smtp::{
        self, PoolConfig,
        client::{Tls, TlsParameters},
    },
};
use ouvira_common::ports::{DeliveryError, Mail, Mailer, Receipt};
use reqwest::Url;
use tokio::time::timeout;

use super::SetupError;
use crate::config::SmtpConfig;

/// How long one step of the conversation may take.
const STEP: Duration = Duration::from_secs(10);
/// How long a whole delivery may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Connections kept to the server.
const CONNECTIONS: u32 = 4;

/// Replies that are about our credentials and not about the mail (RFC 4954 §6): putting them right lets it pass.
const CREDENTIALS: [&str; 4] = ["530", "534", "535", "538"];

/// Hands mails to one server, over a few connections that are used again.
#[derive(Clone)]
pub(super) struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    patience: Duration,
}

impl SmtpMailer {
    /// A mailer for the server of `config`; connects with the first mail.
    pub(super) fn new(config: &SmtpConfig) -> Result<Self, SetupError> {
        Self::with_patience(config, STEP, PATIENCE)
    }

    fn with_patience(config: &SmtpConfig, step: Duration, patience: Duration) -> Result<Self, SetupError> {
        let refused = |reason: &str| SetupError::new("SMTP_URL", reason);
        let mut url = Url::parse(config.url.expose()).map_err(|_| refused("is not an address"))?;
        let demanded = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        let host = url.host_str().ok_or_else(|| refused("names no host"))?.to_owned();
        let credentials = url.password().is_some();
        url.set_query(None);
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str())
            .map_err(|_| refused("is not understood"))?
            .timeout(Some(step))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS));
        if url.scheme() == "smtp" {
            let tls = || TlsParameters::new(host).map_err(|_| refused("names a host that TLS cannot check"));
            builder = match demanded.as_deref() {
                Some("off") => builder.tls(Tls::None),
                Some("required") => builder.tls(Tls::Required(tls()?)),
                // A password goes over no line that others can read.
                _ if credentials => builder.tls(Tls::Required(tls()?)),
                _ => builder.tls(Tls::Opportunistic(tls()?)),
            };
            builder = builder.port(url.port().unwrap_or(if credentials { 587 } else { 25 }));
        }
        Ok(Self { transport: builder.build(), from: config.from.clone(), patience })
    }

    fn message(&self, mail: &Mail) -> Result<Message, DeliveryError> {
        let to: Address =
            mail.to.as_str().parse().map_err(|_| permanent("the address cannot be written to"))?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&mail.subject)
            .message_id(None)
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(|_| permanent("the mail cannot be put together"))
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<Receipt, DeliveryError> {
        let message = self.message(mail)?;
        let reference = message.headers().get_raw("Message-ID").map(str::to_owned);
        match timeout(self.patience, self.transport.send(message)).await {
            // The server's words are left out here as well.
            Ok(Ok(reply)) => {
                Ok(Receipt { provider: "smtp", reference, status: Some(reply.code().to_string()) })
            }
            Ok(Err(error)) => Err(judge(&error, mail)),
            Err(_) => Err(transient("took too long")),
        }
    }
}

fn permanent(reason: &str) -> DeliveryError {
    DeliveryError::Permanent(format!("SMTP: {reason}"))
}

fn transient(reason: &str) -> DeliveryError {
    DeliveryError::Transient(format!("SMTP: {reason}"))
}

/// What an error means for the mail. The server's words are left out: they repeat the address.
fn judge(error: &smtp::Error, mail: &Mail) -> DeliveryError {
    if let Some(code) = error.status().map(|code| code.to_string()) {
        let about_us = CREDENTIALS.contains(&code.as_str());
        return if error.is_permanent() && !about_us { permanent(&code) } else { transient(&code) };
    }
    // The server does not take addresses outside of ASCII (RFC 6531).
    if error.is_client() && !mail.to.as_str().is_ascii() {
        return permanent("the server does not take this address");
    }
    transient(if error.is_timeout() {
        "the server did not answer in time"
    } else if error.is_tls() {
        "TLS failed"
    } else if error.is_response() {
        "the server's answer made no sense"
    } else {
        "the server cannot be talked to"
    })
}

/// Tells programs not to answer (RFC 3834 §5).
#[derive(Debug, Clone, Copy)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests;
