//! Small pools for what stands outside of every tenant: the catalog and its directory.

use std::time::Duration;

use deadpool::Runtime;
use diesel::ConnectionError;
use diesel_async::{
    AsyncPgConnection,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
        deadpool::{Object, Pool},
    },
};
use futures_util::FutureExt as _;
use ouvira_common::db::{DbError, Endpoint, connect};

/// How long a request waits for a connection before it is answered 503.
const WAIT: Duration = Duration::from_secs(2);
/// How long making a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// A pool of at most `size` connections to the endpoint's own database; nothing is opened yet.
pub(crate) fn pool(endpoint: &Endpoint, size: usize) -> Pool<AsyncPgConnection> {
    let endpoint = endpoint.clone();
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |_| {
        let endpoint = endpoint.clone();
        async move {
            connect(&endpoint, None).await.map_err(|error| ConnectionError::BadConnection(error.to_string()))
        }
        .boxed()
    });
    Pool::builder(AsyncDieselConnectionManager::new_with_config("", config))
        .max_size(size)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(WAIT))
        .create_timeout(Some(CONNECT))
        .build()
        .expect("a pool with timeouts has a runtime")
}

/// A connection of `pool`.
pub(crate) async fn checkout(pool: &Pool<AsyncPgConnection>) -> Result<Object<AsyncPgConnection>, DbError> {
    pool.get().await.map_err(|error| DbError::Unavailable(error.to_string()))
}
