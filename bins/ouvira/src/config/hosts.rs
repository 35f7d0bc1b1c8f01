//! Which hosts the service answers to, and which origins may call it from a browser.

use reqwest::Url;

use super::{WebAddress, source::Refusal};

/// `ALLOWED_HOSTS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AllowedHosts {
    /// Every host.
    Any,
    /// Those that fit one of the patterns.
    These(Vec<HostPattern>),
}

/// One entry of `ALLOWED_HOSTS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HostPattern {
    /// Every host.
    Any,
    /// This one.
    Exactly(String),
    /// `*.example.com`: everything below it; kept with its leading dot.
    Below(String),
}

impl HostPattern {
    /// Parses `api.example.com`, `*.example.com` or `*`.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let text = text.to_ascii_lowercase();
        if text == "*" {
            return Ok(Self::Any);
        }
        let (below, name) = text.strip_prefix("*.").map_or((false, text.as_str()), |name| (true, name));
        let host =
            Url::parse(&format!("http://{name}")).ok().and_then(|url| url.host_str().map(str::to_owned));
        match host {
            Some(host) if host == name && !name.contains('*') => {
                Ok(if below { Self::Below(format!(".{host}")) } else { Self::Exactly(host) })
            }
            _ => Err("must name hosts without a port, such as api.example.com or *.example.com".to_owned()),
        }
    }

    fn fits(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(name) => name == host,
            Self::Below(suffix) => host.len() > suffix.len() && host.ends_with(suffix),
        }
    }
}

impl AllowedHosts {
    /// The hosts that fit one of `patterns`.
    pub(super) fn of(patterns: Vec<HostPattern>) -> Self {
        if patterns.contains(&HostPattern::Any) { Self::Any } else { Self::These(patterns) }
    }

    /// Whether the value of a `Host` header names one of them; its port and a trailing dot do not count.
    pub(crate) fn allows(&self, host: &str) -> bool {
        let Self::These(patterns) = self else { return true };
        let name = match host.rfind(':') {
            Some(colon) if !host.ends_with(']') => &host[..colon],
            _ => host,
        };
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        patterns.iter().any(|pattern| pattern.fits(&name))
    }
}

/// `CORS_ALLOWED_ORIGINS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AllowedOrigins {
    /// Every origin, without credentials.
    Any,
    /// These, as browsers send them.
    These(Vec<String>),
}

impl AllowedOrigins {
    /// The origins of a list in which `*` may stand.
    pub(super) fn of(origins: Vec<String>) -> Self {
        if origins.iter().any(|origin| origin == "*") { Self::Any } else { Self::These(origins) }
    }

    /// Whether a page of `origin` may call.
    pub(crate) fn allows(&self, origin: &str) -> bool {
        match self {
            Self::Any => true,
            Self::These(origins) => origins.iter().any(|allowed| allowed == origin),
        }
    }
}

/// Parses scheme, host and port (RFC 6454 §6.2).
pub(super) fn origin(text: &str) -> Result<String, Refusal> {
    let address = WebAddress::parse(text).ok().filter(|address| address.is_origin() && !text.contains('*'));
    address
        .map(|address| address.origin())
        .ok_or_else(|| "must hold origins such as https://app.example.com".to_owned())
}

/// Parses an origin, or `*`.
pub(super) fn origin_or_any(text: &str) -> Result<String, Refusal> {
    if text == "*" { Ok(text.to_owned()) } else { origin(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(text: &str) -> AllowedHosts {
        AllowedHosts::of(text.split(',').map(|item| HostPattern::parse(item).unwrap()).collect())
    }

    #[test]
    fn a_host_fits_exactly_or_below_a_name() {
        let hosts = hosts("api.example.com,*.tenants.example.com,[::1],127.0.0.1");
        for host in [
            "api.example.com",
            "API.example.com.:8000",
            "acme.tenants.example.com",
            "[::1]:8000",
            "[::1]",
            "127.0.0.1:1",
        ] {
            assert!(hosts.allows(host), "{host}");
        }
        for host in [
            "",
            "example.com",
            "tenants.example.com",
            ".tenants.example.com",
            "eviltenants.example.com",
            "api.example.com.evil.com",
        ] {
            assert!(!hosts.allows(host), "{host}");
        }
        for text in
            ["api.example.com:80", "https://a.example", "*.", "", "a b", "a.*.example.com", "u@a.example"]
        {
            assert!(HostPattern::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_origin_has_no_path() {
        assert_eq!(origin("https://App.example.com:8443/").unwrap(), "https://app.example.com:8443");
        assert_eq!(origin("https://app.example.com:443").unwrap(), "https://app.example.com");
        for text in [
            "app.example.com",
            "https://a.example/path",
            "file:///x",
            "null",
            "https://*.example.com/",
            "https://u@a.example",
        ] {
            assert!(origin(text).is_err(), "{text}");
        }
    }
}
