//! How a request names its tenant.

use std::net::IpAddr;

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderName},
};

use super::{Problem, detail::Detail};
use crate::problem::Code;

const X_TENANT: HeaderName = HeaderName::from_static("x-tenant");

/// The names in one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// `X-Tenant`, as it was sent.
    pub(super) header: Option<String>,
    /// The host.
    pub(super) host: Host,
}

/// What the host name says of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Host {
    /// Nothing: one of our own names, an address, or no host at all.
    Silent,
    /// `<slug>.<base domain>`.
    Slug(String),
    /// Some other name, which may be a tenant's own domain.
    Domain(String),
}

impl Named {
    /// Reads the names of `request`; 400 `invalid_header` where a header is repeated, listed or not text.
    pub(super) fn of(request: &HttpRequest, base: Option<&str>, own: &[String]) -> Result<Self, Problem> {
        let header = single(request, &X_TENANT, "X-Tenant")?;
        if header.is_some_and(|slug| slug.is_empty() || slug.contains(',')) {
            return Err(bad_header("X-Tenant"));
        }
        // The authority of HTTP/2 and of the absolute form goes before `Host` (RFC 9112 §3.2.2).
        let host = single(request, &header::HOST, "Host")?;
        let host = request.uri().host().or(host).unwrap_or_default();
        Ok(Self { header: header.map(str::to_owned), host: Host::of(host, base, own) })
    }
}

impl Host {
    fn of(host: &str, base: Option<&str>, own: &[String]) -> Self {
        let host = without_port(host).trim_end_matches('.').to_ascii_lowercase();
        let below = base.and_then(|base| host.strip_suffix(base)).and_then(|label| label.strip_suffix('.'));
        match below {
            _ if own.contains(&host) || base == Some(&host) || host.parse::<IpAddr>().is_ok() => Self::Silent,
            Some(label) if !label.contains('.') => Self::Slug(label.to_owned()),
            _ if host.contains('.') && !host.starts_with('[') => Self::Domain(host),
            _ => Self::Silent,
        }
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn single<'r>(
    request: &'r HttpRequest,
    name: &HeaderName,
    told: &'static str,
) -> Result<Option<&'r str>, Problem> {
    let mut values = request.headers().get_all(name);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| bad_header(told)),
        (Some(_), Some(_)) => Err(bad_header(told)),
    }
}

fn bad_header(name: &'static str) -> Problem {
    Problem::new(Code::InvalidHeader).detail(Detail::BadHeader(name))
}
