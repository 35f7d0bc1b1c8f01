//! Where the service listens, what it is called, who may call it.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use ipnet::IpNet;
use ouvira_common::secret::Secret;
use redis::IntoConnectionInfo as _;

use super::{
    AllowedHosts, AllowedOrigins, Mode, WebAddress,
    hosts::{HostPattern, origin, origin_or_any},
    source::{Refusal, Source, secret, text},
};
use crate::limits::{Quotas, policy_named};

/// The HTTP service.
#[derive(Debug)]
pub(crate) struct HttpConfig {
    /// `BIND_ADDRESS`.
    pub(crate) bind: SocketAddr,
    /// `PUBLIC_URL`: what clients call the service; the issuer of tokens.
    pub(crate) public_url: WebAddress,
    /// `APP_URL`: the frontend, which links in messages lead to.
    pub(crate) app_url: WebAddress,
    /// `TENANT_BASE_DOMAIN`: `<slug>.<this>` names a tenant.
    pub(crate) base_domain: String,
    /// `DEFAULT_TENANT`: the slug of the one tenant of a deployment for one.
    pub(crate) default_tenant: Option<String>,
    /// `ALLOWED_HOSTS`; every host by default in local mode.
    pub(crate) allowed_hosts: AllowedHosts,
    /// `CORS_ALLOWED_ORIGINS`; the frontend's by default in local mode.
    pub(crate) cors_origins: AllowedOrigins,
    /// `CSRF_TRUSTED_ORIGINS`, and always the frontend's and the service's own.
    pub(crate) csrf_origins: Vec<String>,
    /// `TRUSTED_PROXIES`: whose `X-Forwarded-For` is believed.
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// `TLS_CERTIFICATE` and `TLS_KEY`; without them a proxy in front does TLS.
    pub(crate) tls: Option<TlsConfig>,
    /// `CLIENT_TIMEOUT`: how long a client may take to send the head of a request; it has thrice that to take more of an
    /// answer.
    pub(crate) client_timeout: Duration,
    /// `REQUEST_TIMEOUT`: how long a request may take from its head to the beginning of its answer.
    pub(crate) request_timeout: Duration,
    /// `SHUTDOWN_GRACE`: how long requests in flight may go on once the service is to stop.
    pub(crate) shutdown_grace: Duration,
}

/// Certificate chain and private key, in PEM.
#[derive(Debug)]
pub(crate) struct TlsConfig {
    /// The chain, the server's own certificate first.
    pub(crate) certificate: String,
    /// The private key.
    pub(crate) key: Secret,
}

/// Rate limits.
#[derive(Debug)]
pub(crate) struct LimitConfig {
    /// `RATE_LIMITS`.
    pub(crate) enabled: bool,
    /// `RATE_LIMIT_QUOTAS`: other quotas than ours, by the names of the policies.
    pub(crate) quotas: Quotas,
    /// `REDIS_URL`: where the nodes of a deployment count together.
    pub(crate) redis: Option<Secret>,
}

impl HttpConfig {
    pub(super) fn read(source: &mut Source<'_>, mode: Mode) -> Self {
        let bind = source.or("BIND_ADDRESS", "127.0.0.1:8000", |text| {
            text.parse::<SocketAddr>()
                .map_err(|_| "must be an IP address and port such as 0.0.0.0:8000".to_owned())
        });
        let public_url =
            source.or("PUBLIC_URL", &format!("http://localhost:{}", bind.port()), WebAddress::parse);
        let app_url = source.or("APP_URL", "http://localhost:3000", WebAddress::parse);
        let base_domain = source.or("TENANT_BASE_DOMAIN", "localhost", domain);
        let default_tenant = source.optional("DEFAULT_TENANT", slug);
        let allowed_hosts = source.list("ALLOWED_HOSTS", HostPattern::parse).map(AllowedHosts::of);
        let cors_origins = source.list("CORS_ALLOWED_ORIGINS", origin_or_any).map(AllowedOrigins::of);
        let mut csrf_origins = source.list("CSRF_TRUSTED_ORIGINS", origin).unwrap_or_default();
        csrf_origins.extend([app_url.origin(), public_url.origin()]);
        csrf_origins.sort_unstable();
        csrf_origins.dedup();
        let local = mode == Mode::Local;
        Self {
            allowed_hosts: allowed_hosts.unwrap_or(if local {
                AllowedHosts::Any
            } else {
                AllowedHosts::These(vec![])
            }),
            cors_origins: cors_origins.unwrap_or_else(|| {
                AllowedOrigins::These(if local { vec![app_url.origin()] } else { vec![] })
            }),
            csrf_origins,
            trusted_proxies: source.list("TRUSTED_PROXIES", network).unwrap_or_default(),
            tls: TlsConfig::read(source),
            client_timeout: source.or("CLIENT_TIMEOUT", "10", |text| seconds(text, 1)),
            request_timeout: source.or("REQUEST_TIMEOUT", "60", |text| seconds(text, 1)),
            shutdown_grace: source.or("SHUTDOWN_GRACE", "30", |text| seconds(text, 0)),
            bind,
            public_url,
            app_url,
            base_domain,
            default_tenant,
        }
    }

    /// Host names of the pages that work with this service: where a captcha may have been solved.
    pub(crate) fn page_hosts(&self) -> Vec<String> {
        let calling = match &self.cors_origins {
            AllowedOrigins::Any => &[][..],
            AllowedOrigins::These(origins) => origins,
        };
        let pages =
            self.csrf_origins.iter().chain(calling).filter_map(|origin| WebAddress::parse(origin).ok());
        pages.map(|page| page.host().to_owned()).collect()
    }
}

impl TlsConfig {
    fn read(source: &mut Source<'_>) -> Option<Self> {
        let certificate = source.secret("TLS_CERTIFICATE", |pem| {
            if pem.contains("-----BEGIN CERTIFICATE-----") {
                text(pem)
            } else {
                Err("must be a certificate in PEM".to_owned())
            }
        });
        let key = source.secret("TLS_KEY", |pem| {
            if pem.contains("PRIVATE KEY-----") {
                secret(pem)
            } else {
                Err("must be a private key in PEM".to_owned())
            }
        });
        match (certificate, key) {
            (Some(certificate), Some(key)) => Some(Self { certificate, key }),
            (Some(_), None) => {
                source.mistake("TLS_KEY", "is missing beside TLS_CERTIFICATE");
                None
            }
            (None, Some(_)) => {
                source.mistake("TLS_CERTIFICATE", "is missing beside TLS_KEY");
                None
            }
            (None, None) => None,
        }
    }
}

impl LimitConfig {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        Self {
            enabled: source.choice("RATE_LIMITS", "on", &[("on", true), ("off", false)]),
            quotas: source.optional("RATE_LIMIT_QUOTAS", quotas).unwrap_or_default(),
            redis: source.secret("REDIS_URL", |url| {
                let known = url.into_connection_info().is_ok();
                if known {
                    secret(url)
                } else {
                    Err("must be an address such as redis://host:6379/0, rediss://… or unix:///path"
                        .to_owned())
                }
            }),
        }
    }
}

/// `name=number, name=number`.
fn quotas(text: &str) -> Result<Quotas, Refusal> {
    let quota = |item: &str| {
        let (name, number) = item.split_once('=').ok_or("must hold items such as anonymous=1000")?;
        let name = policy_named(name.trim())
            .ok_or_else(|| format!("names a limit that is not there: {}", name.trim()))?;
        match number.trim().parse() {
            Ok(number @ 1..=1_000_000) => Ok((name, number)),
            _ => Err(format!("must have 1 to 1000000 for {name}")),
        }
    };
    text.split(',').filter(|item| !item.trim().is_empty()).map(quota).collect()
}

/// From `least` to 600.
fn seconds(text: &str, least: u64) -> Result<Duration, Refusal> {
    match text.parse() {
        Ok(seconds) if (least..=600).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("must be {least} to 600 seconds")),
    }
}

/// A network, or one address.
pub(super) fn network(text: &str) -> Result<IpNet, Refusal> {
    let network = text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    network.ok_or_else(|| "must hold networks such as 10.0.0.0/8".to_owned())
}

fn domain(text: &str) -> Result<String, Refusal> {
    match HostPattern::parse(text) {
        Ok(HostPattern::Exactly(domain)) => Ok(domain),
        _ => Err("must be a domain such as example.com".to_owned()),
    }
}

/// `^[a-z][a-z0-9-]{1,40}[a-z0-9]$`.
fn slug(text: &str) -> Result<String, Refusal> {
    let fits = (3..=42).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if fits { Ok(text.to_owned()) } else { Err("must be the slug of a tenant".to_owned()) }
}
