//! Calls one by one, before anything is measured.

use std::{net::SocketAddr, time::Duration};

use serde::de::DeserializeOwned;
use tokio::time::sleep;

use crate::{
    error::BenchError,
    load::{Connection, Request},
};

/// How often a call is repeated that the service has no room for.
const ATTEMPTS: u32 = 100;

/// A connection for single calls.
pub(crate) struct Client {
    address: SocketAddr,
    connection: Connection,
}

impl Client {
    /// Connects.
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self, BenchError> {
        let connection = Connection::open(address).await.map_err(BenchError::io("connect"))?;
        Ok(Self { address, connection })
    }

    /// Sends `request`, whose success is any status of the 200s, and reads the JSON it is answered with.
    pub(crate) async fn call<A: DeserializeOwned>(&mut self, request: &Request) -> Result<A, BenchError> {
        let bytes = request.to_bytes(&self.address.to_string());
        for _ in 0..ATTEMPTS {
            let answer = self.connection.exchange(&bytes).await;
            let answer = answer.map_err(BenchError::io(format!("call {}", request.line())))?;
            match answer.status {
                200..300 => {
                    let unreadable = |error: serde_json::Error| BenchError::Unreadable {
                        request: request.line(),
                        reason: error.to_string(),
                    };
                    return serde_json::from_slice(answer.body).map_err(unreadable);
                }
                // The pool that hashes passwords is full, as it ought to be.
                503 => sleep(Duration::from_millis(50)).await,
                status => {
                    let body = String::from_utf8_lossy(answer.body).into_owned();
                    return Err(BenchError::Answer { request: request.line(), status, body });
                }
            }
        }
        Err(BenchError::TimedOut(format!("an answer other than 503 to {}", request.line())))
    }
}
