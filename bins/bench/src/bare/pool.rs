//! Connections of one worker thread, each with every statement prepared. A request has one to itself, as it has in the
//! service.

use std::{cell::RefCell, ops::Deref};

use tokio::sync::Semaphore;

use super::{companies, create_company, profile, refresh, session};
use crate::{error::BenchError, postgres};

/// A connection and its statements.
pub(super) struct Prepared {
    pub(super) client: tokio_postgres::Client,
    pub(super) profile: profile::Statements,
    pub(super) companies: companies::Statements,
    pub(super) create_company: create_company::Statements,
    pub(super) refresh: refresh::Statements,
    pub(super) session: session::Statements,
}

impl Prepared {
    async fn connect(url: &str) -> Result<Self, BenchError> {
        let client = postgres::connect(url).await?;
        Ok(Self {
            profile: profile::Statements::prepare(&client).await?,
            companies: companies::Statements::prepare(&client).await?,
            create_company: create_company::Statements::prepare(&client).await?,
            refresh: refresh::Statements::prepare(&client).await?,
            session: session::Statements::prepare(&client).await?,
            client,
        })
    }
}

/// The connections of one thread.
pub(super) struct Pool {
    idle: RefCell<Vec<Prepared>>,
    free: Semaphore,
}

impl Pool {
    /// Opens `size` connections.
    pub(super) async fn open(url: &str, size: usize) -> Result<Self, BenchError> {
        let mut idle = Vec::with_capacity(size);
        for _ in 0..size {
            idle.push(Prepared::connect(url).await?);
        }
        Ok(Self { idle: RefCell::new(idle), free: Semaphore::new(size) })
    }

    /// A connection, once one is free.
    pub(super) async fn get(&self) -> Lease<'_> {
        self.free.acquire().await.expect("the semaphore is never closed").forget();
        let prepared = self.idle.borrow_mut().pop().expect("there are as many permits as connections");
        Lease { pool: self, prepared: Some(prepared) }
    }
}

/// A connection on loan.
pub(super) struct Lease<'a> {
    pool: &'a Pool,
    prepared: Option<Prepared>,
}

impl Deref for Lease<'_> {
    type Target = Prepared;

    fn deref(&self) -> &Prepared {
        self.prepared.as_ref().expect("it is there until the loan ends")
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(prepared) = self.prepared.take() {
            self.pool.idle.borrow_mut().push(prepared);
            self.pool.free.add_permits(1);
        }
    }
}
