//! Connections: one pool for the common server, one small, lazily opened pool for each own database.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};

use deadpool::{
    Runtime,
    managed::{HookError, TimeoutType},
};
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::{
    AsyncConnection as _, AsyncPgConnection,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
        deadpool::{Hook, Object, Pool, PoolError},
    },
};
use futures_util::FutureExt as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{DbError, gate::Gate, meter::Stopwatch};
use crate::tenant::Placement;

/// How long a request waits for a connection before it is answered 503.
const WAIT: Duration = Duration::from_secs(2);
/// How long making a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long either may take where a slow machine is no failure.
#[cfg(feature = "testing")]
const UNHURRIED: Duration = Duration::from_mins(2);
/// A backend that has touched thousands of schemas keeps their catalogue entries; it is let go at this age.
const MAX_AGE: Duration = Duration::from_mins(30);

/// A Postgres connection string with a role: `postgres://…` or `host=… user=…`. Its debug output hides it.
#[derive(Clone)]
pub struct Endpoint {
    url: String,
    tls: Tls,
    slow: Option<Duration>,
    wait: Duration,
    connect: Duration,
}

/// How a connection is protected on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tls {
    /// Not at all.
    Never,
    /// Where the server offers it: across a socket or the machine's own loopback, where nobody listens in.
    WhereOffered,
    /// By TLS, to a server whose certificate one of the machine's authorities signed for its name, or not at all. Whoever
    /// stands between could otherwise claim that the server offers none.
    Always,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Endpoint(…)")
    }
}

/// A connection string that cannot be used, or a server that does not answer.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Not a Postgres connection string.
    #[error("not a Postgres connection string: {0}")]
    Malformed(String),
    /// The server did not let us in.
    #[error("cannot connect to Postgres: {0}")]
    Refused(String),
}

impl Endpoint {
    /// Parses a connection string. One without `sslmode` asks for TLS unless all of its hosts are sockets or loopback addresses;
    /// `sslmode=prefer` and `sslmode=disable` say otherwise.
    pub fn parse(url: &str) -> Result<Self, ConnectError> {
        Self::parse_with(url, false)
    }

    /// The same for a developer's machine: without `sslmode`, TLS where the server offers it, wherever that is.
    pub fn parse_trusting(url: &str) -> Result<Self, ConnectError> {
        Self::parse_with(url, true)
    }

    fn parse_with(url: &str, trusting: bool) -> Result<Self, ConnectError> {
        let config: tokio_postgres::Config =
            url.parse().map_err(|error: tokio_postgres::Error| ConnectError::Malformed(error.to_string()))?;
        if config.get_user().is_none() {
            return Err(ConnectError::Malformed("no user is named".to_owned()));
        }
        let tls = match config.get_ssl_mode() {
            SslMode::Disable => Tls::Never,
            SslMode::Prefer if names_ssl_mode(url) || trusting || is_near(&config) => Tls::WhereOffered,
            _ => Tls::Always,
        };
        Ok(Self { url: url.to_owned(), tls, slow: None, wait: WAIT, connect: CONNECT })
    }

    /// The same; statements on its connections that take `slow` or longer are written to the log.
    #[must_use]
    pub fn with_slow_queries(self, slow: Option<Duration>) -> Self {
        Self { slow, ..self }
    }

    /// The same for tests: nothing fails for being slow.
    #[cfg(feature = "testing")]
    #[must_use]
    pub(crate) fn unhurried(self) -> Self {
        Self { wait: UNHURRIED, connect: UNHURRIED, ..self }
    }

    fn config(&self, database: Option<&str>) -> Result<tokio_postgres::Config, ConnectError> {
        let mut config: tokio_postgres::Config = self
            .url
            .parse()
            .map_err(|error: tokio_postgres::Error| ConnectError::Malformed(error.to_string()))?;
        if let Some(database) = database {
            config.dbname(database);
        }
        if self.tls == Tls::Always {
            config.ssl_mode(SslMode::Require);
        }
        Ok(config)
    }
}

/// Whether the connection string says something of TLS.
fn names_ssl_mode(url: &str) -> bool {
    let parameters =
        if url.contains("://") { url.rsplit_once('?').map_or("", |(_, query)| query) } else { url };
    parameters.split(['&', ' ']).any(|parameter| parameter.trim_start().starts_with("sslmode"))
}

/// Whether all of its servers are on this machine.
fn is_near(config: &tokio_postgres::Config) -> bool {
    let addresses = config.get_hostaddrs();
    if !addresses.is_empty() {
        return addresses.iter().all(IpAddr::is_loopback);
    }
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        Host::Unix(_) => true,
    })
}

/// Opens one connection as the endpoint's role, to `database` instead of the endpoint's own when given; over TLS as
/// [`Endpoint::parse`] says.
pub async fn connect(endpoint: &Endpoint, database: Option<&str>) -> Result<AsyncPgConnection, ConnectError> {
    let config = endpoint.config(database)?;
    let refused = |error: &dyn std::error::Error| {
        let source = error.source().map(|source| format!(": {source}")).unwrap_or_default();
        ConnectError::Refused(format!("{error}{source}"))
    };
    let opened = if endpoint.tls == Tls::Never {
        let (client, connection) =
            config.connect(tokio_postgres::NoTls).await.map_err(|error| refused(&error))?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    } else {
        let tls = MakeRustlsConnect::new(TLS.clone());
        let (client, connection) = config.connect(tls).await.map_err(|error| refused(&error))?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    };
    let mut opened = opened.map_err(|error| refused(&error))?;
    opened.set_instrumentation(Stopwatch::new(endpoint.slow));
    Ok(opened)
}

/// Made once: the machine's authorities are many, and connections are made while somebody waits.
static TLS: LazyLock<ClientConfig> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("aws-lc-rs speaks TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth()
});

async fn serving_connection(
    endpoint: Endpoint,
    database: Option<String>,
) -> ConnectionResult<AsyncPgConnection> {
    let conn = connect(&endpoint, database.as_deref())
        .await
        .map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
    Gate::prepare(&conn).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(conn)
}

fn pool(endpoint: &Endpoint, database: Option<String>, size: usize) -> Pool<AsyncPgConnection> {
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    let (wait, connect) = (endpoint.wait, endpoint.connect);
    let endpoint = endpoint.clone();
    config.custom_setup = Box::new(move |_| serving_connection(endpoint.clone(), database.clone()).boxed());
    Pool::builder(AsyncDieselConnectionManager::new_with_config("", config))
        .max_size(size)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(wait))
        .create_timeout(Some(connect))
        .pre_recycle(Hook::sync_fn(|_, metrics| {
            if metrics.created.elapsed() > MAX_AGE { Err(HookError::message("of age")) } else { Ok(()) }
        }))
        .build()
        .expect("a pool with timeouts has a runtime")
}

/// Pools of own databases, shared by the node's threads.
struct OwnDatabases {
    pools: Mutex<HashMap<String, (Pool<AsyncPgConnection>, Instant)>>,
    /// Most databases with an open pool; the least recently used idle one is closed for a new one.
    capacity: usize,
    size: usize,
}

/// How many connections there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Connections {
    /// Open.
    pub open: usize,
    /// Of these, those that nobody uses.
    pub idle: usize,
    /// Who waits for one.
    pub waiting: usize,
    /// The most there may be.
    pub most: usize,
}

impl Connections {
    fn of<'p>(pools: impl IntoIterator<Item = &'p Pool<AsyncPgConnection>>) -> Self {
        pools.into_iter().map(Pool::status).fold(Self::default(), |sum, status| Self {
            open: sum.open + status.size,
            idle: sum.idle + status.available,
            waiting: sum.waiting + status.waiting,
            most: sum.most + status.max_size,
        })
    }
}

/// The serving role's connections. [`Pools::for_thread`] gives each worker thread its own to the common server.
#[derive(Clone)]
pub struct Pools {
    endpoint: Endpoint,
    common: Pool<AsyncPgConnection>,
    threads: Arc<Mutex<Vec<Pool<AsyncPgConnection>>>>,
    own: Arc<OwnDatabases>,
}

impl Pools {
    /// Pools to `endpoint` with `size` connections to the common database; nothing is opened yet.
    pub fn new(endpoint: &Endpoint, size: usize) -> Self {
        let own = OwnDatabases { pools: Mutex::default(), capacity: 200, size: 4 };
        Self {
            endpoint: endpoint.clone(),
            common: pool(endpoint, None, size),
            threads: Arc::default(),
            own: Arc::new(own),
        }
    }

    /// The same with a pool of its own to the common server: a connection is driven by the thread that opened it.
    #[must_use]
    pub fn for_thread(&self, size: usize) -> Self {
        let common = pool(&self.endpoint, None, size);
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(common.clone());
        Self { common, ..self.clone() }
    }

    /// The connections of all threads to the common database.
    pub fn to_common(&self) -> Connections {
        Connections::of(&*self.threads.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The connections to tenants' own databases.
    pub fn to_own(&self) -> Connections {
        let pools = self.own.pools.lock().unwrap_or_else(PoisonError::into_inner);
        Connections::of(pools.values().map(|(pool, _)| pool))
    }

    /// A connection to where `placement` says.
    pub(super) async fn connection(
        &self,
        placement: &Placement,
    ) -> Result<Object<AsyncPgConnection>, NoConnection> {
        let pool = match &placement.database {
            None => self.common.clone(),
            Some(database) => self.own_pool(database)?,
        };
        pool.get().await.map_err(|error| NoConnection::from(&error))
    }

    fn own_pool(&self, database: &str) -> Result<Pool<AsyncPgConnection>, NoConnection> {
        let mut pools = self.own.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((pool, used)) = pools.get_mut(database) {
            *used = Instant::now();
            return Ok(pool.clone());
        }
        if pools.len() >= self.own.capacity {
            let idle = pools
                .iter()
                .filter(|(_, (pool, _))| pool.status().available == pool.status().size)
                .min_by_key(|(_, (_, used))| *used)
                .map(|(name, _)| name.clone());
            let Some(name) = idle else {
                return Err(NoConnection::Busy("all pools of own databases are in use"));
            };
            if let Some((pool, _)) = pools.remove(&name) {
                pool.close();
            }
        }
        let pool = pool(&self.endpoint, Some(database.to_owned()), self.own.size);
        pools.insert(database.to_owned(), (pool.clone(), Instant::now()));
        Ok(pool)
    }
}

/// Why there is none.
#[derive(Debug)]
pub(super) enum NoConnection {
    /// Others have them all.
    Busy(&'static str),
    /// The server or the database does not answer, or is not there.
    Unreachable(String),
}

impl From<&PoolError> for NoConnection {
    fn from(error: &PoolError) -> Self {
        match error {
            PoolError::Timeout(TimeoutType::Wait) => Self::Busy("no connection became free in time"),
            PoolError::Timeout(_) => Self::Unreachable("connecting took too long".to_owned()),
            other => Self::Unreachable(other.to_string()),
        }
    }
}

impl From<NoConnection> for DbError {
    fn from(none: NoConnection) -> Self {
        match none {
            NoConnection::Busy(reason) => Self::Unavailable(reason.to_owned()),
            NoConnection::Unreachable(reason) => Self::Unavailable(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls(url: &str) -> Tls {
        Endpoint::parse(url).unwrap().tls
    }

    #[test]
    fn a_server_elsewhere_is_reached_over_tls_or_not_at_all() {
        for url in [
            "postgres://app@db.example/ouvira",
            "postgres://app:secret@10.0.0.7:5432/ouvira?application_name=ouvira",
            "host=db.example user=app password='sslmode' dbname=ouvira",
            "postgres://app@127.0.0.1,db.example/ouvira",
            "postgres://app@localhost.example/ouvira",
            "postgres://app:sslmode=disable@db.example/ouvira",
            "postgres://app@db.example/ouvira?sslmode=require",
            "host=localhost hostaddr=10.0.0.7 user=app",
        ] {
            assert_eq!(tls(url), Tls::Always, "{url}");
            let config = Endpoint::parse(url).unwrap().config(Some("other")).unwrap();
            assert_eq!(config.get_ssl_mode(), SslMode::Require, "{url}");
        }
    }

    #[test]
    fn on_this_machine_and_where_the_string_says_so_it_is_not_asked_for() {
        for url in [
            "postgres://app@localhost/ouvira",
            "postgres://app@127.0.0.1:5432/ouvira",
            "postgres://app@[::1]/ouvira",
            "postgres://app@/ouvira?host=/run/postgresql&port=5432",
            "host=/run/postgresql user=app",
            "postgres://app@db.example/ouvira?sslmode=prefer",
        ] {
            assert_eq!(tls(url), Tls::WhereOffered, "{url}");
        }
        assert_eq!(tls("postgres://app@db.example/ouvira?connect_timeout=3&sslmode=disable"), Tls::Never);
        assert_eq!(tls("host=db.example user=app sslmode=disable"), Tls::Never);
        let trusting = Endpoint::parse_trusting("postgres://app@postgres/ouvira").unwrap();
        assert_eq!(trusting.tls, Tls::WhereOffered);
    }
}
