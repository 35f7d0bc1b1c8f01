//! One attempt to hand a message over: the address is looked up once, checked, and the checked address is the one that is
//! connected to; no redirect is followed, no proxy asked, and of the answer no more than its beginning is read.

use std::{
    error::Error,
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::DateTime;
use ouvira_common::problem::{FieldCode, FieldError};
use reqwest::{
    Client, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use tokio::{net::lookup_host, time::timeout};
use url::Host;

use crate::network::Networks;

/// How long an attempt may take, from looking up the name to the end of the answer.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a name may take to be looked up when a webhook is made.
const LOOKUP: Duration = Duration::from_secs(2);
/// How much of an answer is kept.
const BEGINNING: usize = 512;

/// Reaches receivers. Cheap to clone.
#[derive(Clone)]
pub struct Sender {
    client: Client,
    networks: Networks,
    https_only: bool,
}

/// A message, signed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message<'a> {
    pub(crate) id: &'a str,
    pub(crate) timestamp: i64,
    pub(crate) signature: &'a str,
    pub(crate) body: &'a str,
}

/// How an attempt went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// The status of the answer.
    pub(crate) code: Option<u16>,
    /// The beginning of the answer.
    pub(crate) body: Option<String>,
    /// Why there was no answer, or not a good one; without secrets.
    pub(crate) error: Option<&'static str>,
    /// How long it took.
    pub(crate) took: Duration,
    /// For how long the receiver asked to be left alone.
    pub(crate) retry_after: Option<Duration>,
}

impl Attempt {
    /// Whether the receiver took the message: any 2xx.
    pub(crate) fn succeeded(&self) -> bool {
        self.code.is_some_and(|code| (200..300).contains(&code))
    }
}

/// An address that may not be called.
#[derive(Debug)]
struct Forbidden;

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the address may not be called")
    }
}

impl Error for Forbidden {}

/// Looks up names and drops the addresses that may not be called.
struct CheckedNames(Networks);

impl Resolve for CheckedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let networks = self.0.clone();
        Box::pin(async move {
            let found = lookup_host((name.as_str().trim_end_matches('.'), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| networks.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(Forbidden.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

impl Sender {
    /// A sender to addresses in `networks`; with `https_only` to nothing else than https. Fails without the machine's
    /// certificates.
    pub fn new(networks: Networks, https_only: bool) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .dns_resolver(Arc::new(CheckedNames(networks.clone())))
            .redirect(Policy::none())
            .no_proxy()
            .https_only(https_only)
            .http1_only()
            .referer(false)
            // Each attempt is checked for itself.
            .pool_max_idle_per_host(0)
            .connect_timeout(Duration::from_secs(5))
            .timeout(ATTEMPT_TIMEOUT)
            .user_agent(concat!("Ouvira-Webhooks/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client, networks, https_only })
    }

    /// An address of a receiver as typed: absolute, without credentials and fragment, at most 2,000 characters, and not of
    /// this network. Numbers in whatever notation (decimal, octal, hexadecimal) are read as the WHATWG URL standard reads
    /// them; names that lead inwards are refused too, as far as they can be looked up now. Whatever is said here, the
    /// address is checked again at each attempt.
    pub(crate) async fn parse(&self, text: &str) -> Result<Url, FieldError> {
        let url = self.parse_form(text)?;
        let forbidden = FieldError::new("/url", FieldCode::ForbiddenTarget);
        let inward = match url.host() {
            Some(Host::Domain(name)) => {
                let found = timeout(LOOKUP, lookup_host((name.trim_end_matches('.'), 0))).await;
                found.is_ok_and(|found| {
                    found.is_ok_and(|mut found| !found.all(|address| self.networks.allows(address.ip())))
                })
            }
            host => !literal(host).is_some_and(|address| self.networks.allows(address)),
        };
        if inward { Err(forbidden) } else { Ok(url) }
    }

    fn parse_form(&self, text: &str) -> Result<Url, FieldError> {
        let malformed = || FieldError::new("/url", FieldCode::InvalidFormat);
        if text.len() > 2000 {
            return Err(FieldError::new("/url", FieldCode::TooLong).with("max", 2000));
        }
        if text.chars().any(char::is_control) {
            return Err(FieldError::new("/url", FieldCode::ControlCharacters));
        }
        let url = Url::parse(text).map_err(|_| malformed())?;
        let scheme = url.scheme() == "https" || (url.scheme() == "http" && !self.https_only);
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if scheme && plain && url.has_host() && url.port() != Some(0) { Ok(url) } else { Err(malformed()) }
    }

    /// Hands `message` over to `url`.
    pub(crate) async fn send(&self, url: &str, message: Message<'_>) -> Attempt {
        let begun = Instant::now();
        let refused = |error| Attempt {
            code: None,
            body: None,
            error: Some(error),
            took: begun.elapsed(),
            retry_after: None,
        };
        let Ok(url) = self.parse_form(url) else { return refused("the address is not valid here") };
        // A number needs no looking up, so nobody else checks it.
        if literal(url.host()).is_some_and(|address| !self.networks.allows(address)) {
            return refused("the address may not be called");
        }
        let request = self
            .client
            .post(url)
            .header("content-type", "application/json")
            .header("webhook-id", message.id)
            .header("webhook-timestamp", message.timestamp.to_string())
            .header("webhook-signature", message.signature)
            .body(message.body.to_owned());
        let mut answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return refused(reason(&error)),
        };
        let code = answer.status().as_u16();
        let asked = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
        let retry_after =
            asked.filter(|_| matches!(code, 429 | 503)).and_then(|text| wait(text, message.timestamp));
        let mut body = Vec::new();
        while body.len() < BEGINNING
            && let Ok(Some(chunk)) = answer.chunk().await
        {
            body.extend_from_slice(&chunk[..chunk.len().min(BEGINNING - body.len())]);
        }
        let error = match code {
            200..300 => None,
            300..400 => Some("it answered with a redirect, which is not followed"),
            _ => Some("it answered with an error"),
        };
        Attempt { code: Some(code), body: Some(shown(&body)), error, took: begun.elapsed(), retry_after }
    }
}

fn literal(host: Option<Host<&str>>) -> Option<IpAddr> {
    match host? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

/// A pause as `Retry-After` gives it, in seconds or as a date (RFC 9110 §10.2.3).
fn wait(text: &str, now: i64) -> Option<Duration> {
    let seconds = text.trim().parse::<u64>().ok().or_else(|| {
        let until = DateTime::parse_from_rfc2822(text.trim()).ok()?.timestamp();
        u64::try_from(until - now).ok()
    });
    seconds.map(Duration::from_secs)
}

/// Text that can be stored and shown, whatever was sent.
fn shown(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}

fn reason(error: &reqwest::Error) -> &'static str {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<Forbidden>() {
            return "the address may not be called";
        }
        cause = error.source();
    }
    if error.is_timeout() {
        "it did not answer in time"
    } else if error.is_connect() {
        "it cannot be connected to"
    } else {
        "the connection broke"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_seconds_or_a_date() {
        let now = 1_795_176_000; // 2026-11-20T12:00:00Z
        assert_eq!(wait("120", now), Some(Duration::from_mins(2)));
        assert_eq!(wait("Fri, 20 Nov 2026 12:01:30 GMT", now), Some(Duration::from_secs(90)));
        for text in ["", "-5", "soon", "1.5", "Fri, 20 Nov 2026 11:00:00 GMT", "99999999999999999999999"] {
            assert_eq!(wait(text, now), None, "{text:?}");
        }
    }
}
