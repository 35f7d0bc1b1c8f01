//! What is sent where.

use std::{net::SocketAddr, sync::Arc};

use super::{Request, connection::Answer};

/// Which request is to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn {
    /// Which connection sends it, from 0.
    pub(crate) connection: usize,
    /// How many that connection sent before it.
    pub(crate) number: usize,
}

/// Writes a request into an empty buffer.
type Write = dyn Fn(Turn, &mut Vec<u8>) + Send + Sync;
/// Is told the body of an answer to a connection's request.
type Hear = dyn Fn(Turn, &[u8]) + Send + Sync;

/// What an answer counts for.
pub(super) enum Verdict {
    /// It is the one wanted.
    Answered,
    /// It is another one that may come.
    Refused,
    /// It must not come.
    Failed,
}

/// Requests to a server, and which answers are right.
#[derive(Clone)]
pub(crate) struct Traffic {
    pub(super) address: SocketAddr,
    expected: u16,
    refusal: Option<u16>,
    write: Arc<Write>,
    hear: Option<Arc<Hear>>,
}

impl Traffic {
    /// Requests made one by one; each must be answered with the status `expected`.
    pub(crate) fn new(
        address: SocketAddr,
        expected: u16,
        write: impl Fn(Turn, &mut Vec<u8>) + Send + Sync + 'static,
    ) -> Self {
        Self { address, expected, refusal: None, write: Arc::new(write), hear: None }
    }

    /// The same few requests in turn, the connections side by side.
    pub(crate) fn repeat(address: SocketAddr, expected: u16, connections: u32, requests: &[Request]) -> Self {
        let host = address.to_string();
        let bytes: Vec<Vec<u8>> = requests.iter().map(|request| request.to_bytes(&host)).collect();
        let stride = connections as usize;
        Self::new(address, expected, move |turn, buffer| {
            buffer.extend_from_slice(&bytes[(turn.connection + turn.number * stride) % bytes.len()]);
        })
    }

    /// With `hear` told of every right answer, also of those that come after the end of a run.
    pub(crate) fn hearing(self, hear: impl Fn(Turn, &[u8]) + Send + Sync + 'static) -> Self {
        Self { hear: Some(Arc::new(hear)), ..self }
    }

    /// With `status` as an answer that counts for nothing and is no failure.
    pub(crate) fn refused_with(self, status: u16) -> Self {
        Self { refusal: Some(status), ..self }
    }

    pub(super) fn write(&self, turn: Turn, buffer: &mut Vec<u8>) {
        (self.write)(turn, buffer);
    }

    pub(super) fn judge(&self, turn: Turn, answer: &Answer<'_>) -> Verdict {
        if answer.status == self.expected {
            if let Some(hear) = &self.hear {
                hear(turn, answer.body);
            }
            return Verdict::Answered;
        }
        if Some(answer.status) == self.refusal { Verdict::Refused } else { Verdict::Failed }
    }
}
