//! The load generator: a closed loop over keep-alive connections. Each connection sends its next request when the answer
//! to the last one is there.

mod connection;
mod request;
mod sample;

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{task::JoinSet, time::timeout};

pub(crate) use self::{
    connection::Connection,
    request::Request,
    sample::{Quantiles, Sample},
};
use crate::error::BenchError;

/// How long after the end of a run its last answers may come.
const GRACE: Duration = Duration::from_secs(10);

/// Which request is to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn {
    /// Which connection sends it, from 0.
    pub(crate) connection: usize,
    /// How many that connection sent before it.
    pub(crate) number: usize,
}

/// Writes a request into an empty buffer.
pub(crate) type Writer = dyn Fn(Turn, &mut Vec<u8>) + Send + Sync;

/// Where requests go and what they are.
#[derive(Clone)]
pub(crate) struct Traffic {
    address: SocketAddr,
    expected: u16,
    write: Arc<Writer>,
}

impl Traffic {
    /// Requests made one by one; each must be answered with the status `expected`.
    pub(crate) fn new(
        address: SocketAddr,
        expected: u16,
        write: impl Fn(Turn, &mut Vec<u8>) + Send + Sync + 'static,
    ) -> Self {
        Self { address, expected, write: Arc::new(write) }
    }

    /// The same few requests in turn; those of one connection are never those of another while there are more requests
    /// than connections.
    pub(crate) fn repeat(address: SocketAddr, expected: u16, connections: u32, requests: &[Request]) -> Self {
        let host = address.to_string();
        let bytes: Vec<Vec<u8>> = requests.iter().map(|request| request.to_bytes(&host)).collect();
        let stride = connections as usize;
        Self::new(address, expected, move |turn, buffer| {
            buffer.extend_from_slice(&bytes[(turn.connection + turn.number * stride) % bytes.len()]);
        })
    }

    /// Sends for `length` over `connections` and tells how it went. Answers that come after the end are waited for, so
    /// that the server is quiet when this returns, and not counted.
    pub(crate) async fn run(&self, connections: u32, length: Duration) -> Result<Sample, BenchError> {
        let mut open = Vec::new();
        for _ in 0..connections {
            open.push(Connection::open(self.address).await.map_err(BenchError::io("connect"))?);
        }
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for (number, connection) in open.into_iter().enumerate() {
            tasks.spawn(self.clone().keep_sending(connection, number, start + length));
        }
        let tallies = timeout(length + GRACE, tasks.join_all())
            .await
            .map_err(|_| BenchError::TimedOut("the answer to a request under load".to_owned()))?;
        Ok(Sample::new(length, tallies))
    }

    async fn keep_sending(self, mut connection: Connection, number: usize, end: Instant) -> sample::Tally {
        let mut tally = sample::Tally::default();
        let mut request = Vec::new();
        let mut turn = Turn { connection: number, number: 0 };
        loop {
            request.clear();
            (self.write)(turn, &mut request);
            turn.number += 1;
            let sent = Instant::now();
            let outcome = connection.exchange(&request).await;
            let answered = Instant::now();
            if answered > end {
                return tally;
            }
            match outcome {
                Ok(answer) if answer.status == self.expected => tally.answered(answered - sent),
                Ok(answer) => tally.failed(|| answer.to_string()),
                Err(error) => {
                    tally.failed(|| error.to_string());
                    match Connection::open(self.address).await {
                        Ok(fresh) => connection = fresh,
                        Err(_) => return tally,
                    }
                }
            }
        }
    }
}
