//! The catalog: the control plane's own tables, reached as `ouvira_control`. They belong to no tenant, and so stand outside
//! of `Db` and its gate.

pub(crate) mod store;

use std::ops::{Deref, DerefMut};

use diesel_async::{
    AsyncPgConnection,
    pooled_connection::deadpool::{Object, Pool},
};
use ouvira_common::{
    db::{DbError, Endpoint, connect},
    migration::Migration,
};

use crate::{
    error::TenancyError,
    pool::{checkout, pool},
};

/// Tables of the catalog; they are migrated once, not with every placement.
pub const CATALOG: &[Migration] = &[
    ouvira_common::migration!("catalog", "20261120000050_catalog"),
    ouvira_common::migration!("catalog", "20261120001010_operator_sign_in"),
    ouvira_common::migration!("catalog", "20261120001110_idempotency"),
    ouvira_common::migration!("catalog", "20261120001200_schedules"),
    ouvira_common::migration!("catalog", "20261120002600_workers"),
];

/// The schema they are in.
pub(crate) const CATALOG_SCHEMA: &str = "ouvira_catalog";

/// Connections to the catalog at most: it is asked by operators and the command line, hardly by requests.
const CONNECTIONS: usize = 4;

/// A way to the catalog. Cheap to clone; its connections are driven by the runtime that opened them.
#[derive(Clone)]
pub struct Catalog {
    control: Endpoint,
    pool: Pool<AsyncPgConnection>,
}

impl Catalog {
    /// The catalog behind `control`, which names the role `ouvira_control` and the catalog's database. Nothing is opened
    /// yet.
    pub fn new(control: &Endpoint) -> Self {
        Self { control: control.clone(), pool: pool(control, CONNECTIONS) }
    }

    /// A connection out of the pool.
    pub(crate) async fn connection(&self) -> Result<Object<AsyncPgConnection>, DbError> {
        checkout(&self.pool).await
    }

    /// A connection of one's own to `database`, or to the catalog's: for what holds on to it.
    pub(crate) async fn dedicated(&self, database: Option<&str>) -> Result<AsyncPgConnection, TenancyError> {
        Ok(connect(&self.control, database).await?)
    }

    /// A connection to `database`, or one out of the pool to the catalog's.
    pub(crate) async fn at(&self, database: Option<&str>) -> Result<ControlConnection, TenancyError> {
        Ok(match database {
            None => ControlConnection::Pooled(self.connection().await?),
            Some(_) => ControlConnection::Own(self.dedicated(database).await?),
        })
    }
}

/// A connection as `ouvira_control`, wherever it goes.
pub(crate) enum ControlConnection {
    Pooled(Object<AsyncPgConnection>),
    Own(AsyncPgConnection),
}

impl Deref for ControlConnection {
    type Target = AsyncPgConnection;

    fn deref(&self) -> &AsyncPgConnection {
        match self {
            Self::Pooled(conn) => conn,
            Self::Own(conn) => conn,
        }
    }
}

impl DerefMut for ControlConnection {
    fn deref_mut(&mut self) -> &mut AsyncPgConnection {
        match self {
            Self::Pooled(conn) => conn,
            Self::Own(conn) => conn,
        }
    }
}
