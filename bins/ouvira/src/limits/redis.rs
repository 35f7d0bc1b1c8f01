//! What everybody has done, as all nodes know it.

use std::{
    fmt,
    sync::{
        Arc, LazyLock, PoisonError, RwLock,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use async_trait::async_trait;
use redis::{Client, RedisResult, Script, aio::MultiplexedConnection};
use tokio::{
    sync::Notify,
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::{
    memory::Memory,
    policy::ANONYMOUS,
    store::{LimitStore, Subject, Take, Taken},
};

/// How long Redis may take to answer a request before the node answers alone.
const PATIENCE: Duration = Duration::from_millis(50);
/// Answers in a row that may be late until the connection is given up: a moment's pause is no reason to part.
const MOST_LATE: u32 = 3;
/// How long connecting may take, in the background.
const CONNECTING: Duration = Duration::from_secs(2);
/// Pause before trying again, which is also the least time between two changes of mind.
const PAUSE: Duration = Duration::from_secs(1);

static SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("gcra.lua")));

/// A store in Redis: one script, one round trip, on one connection that all requests share. While Redis does not answer
/// the node counts alone; a server that hangs holds up the few requests that find it out, for 50 ms each.
pub(super) struct Redis {
    line: Arc<Line>,
    alone: Memory,
    keeper: JoinHandle<()>,
}

/// The connection, while there is one.
#[derive(Default)]
struct Line {
    open: RwLock<Option<Open>>,
    /// Answers in a row that were late.
    late: AtomicU32,
    lost: Notify,
}

#[derive(Clone)]
struct Open {
    connection: MultiplexedConnection,
    /// Tells this connection from earlier ones.
    number: u64,
}

impl Redis {
    /// The store behind `client`; what is counted meanwhile goes to `alone`. Waits for the first connection, but not for
    /// long. Within a runtime, which drives the connection from then on.
    pub(super) async fn start(client: Client, alone: Memory) -> Self {
        let line = Arc::new(Line::default());
        match connect(&client).await {
            Ok(connection) => line.opened(Open { connection, number: 0 }),
            Err(error) => told_lost(&error),
        }
        let keeper = tokio::spawn(keep_open(client, Arc::clone(&line)));
        Self { line, alone, keeper }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

#[async_trait]
impl LimitStore for Redis {
    async fn take(&self, takes: &[Take]) -> Taken {
        if let Some(open) = self.line.get() {
            match timeout(PATIENCE, ask(open.connection.clone(), takes)).await {
                Ok(Ok(ahead)) => {
                    self.line.late.store(0, Relaxed);
                    return Taken::of(takes, ahead);
                }
                Ok(Err(error)) => self.line.lose(open.number, &error),
                Err(_) if self.line.late.fetch_add(1, Relaxed) + 1 < MOST_LATE => {}
                Err(_) => self.line.lose(open.number, &"it takes too long to answer"),
            }
        }
        self.alone.take(takes)
    }

    fn healthy(&self) -> bool {
        self.line.get().is_some()
    }
}

impl Line {
    fn get(&self) -> Option<Open> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn opened(&self, open: Open) {
        self.late.store(0, Relaxed);
        *self.open.write().unwrap_or_else(PoisonError::into_inner) = Some(open);
    }

    /// Gives up connection number `number`; many requests may find at once that it is of no use.
    fn lose(&self, number: u64, why: &dyn fmt::Display) {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if open.take_if(|open| open.number == number).is_some() {
            told_lost(why);
            self.lost.notify_one();
        }
    }
}

fn told_lost(why: &dyn fmt::Display) {
    tracing::warn!(error = %why, "Redis does not answer; until it does, this node counts rate limits alone");
}

/// Opens the line again whenever it is lost, until the store is dropped.
async fn keep_open(client: Client, line: Arc<Line>) {
    for number in 1.. {
        while line.get().is_some() {
            line.lost.notified().await;
        }
        let connection = loop {
            sleep(PAUSE).await;
            if let Ok(connection) = connect(&client).await {
                break connection;
            }
        };
        line.opened(Open { connection, number });
        tracing::info!("Redis answers; nodes count rate limits together again");
    }
}

/// A connection on which the script works: a server that is loading, full or read-only is as good as none.
async fn connect(client: &Client) -> RedisResult<MultiplexedConnection> {
    let trial = async {
        let connection = client.get_multiplexed_async_connection().await?;
        let probe = Take { policy: ANONYMOUS, subject: Subject([0; 16]) };
        ask(connection.clone(), &[probe]).await.map(|_| connection)
    };
    let late = |_| redis::RedisError::from((redis::ErrorKind::Io, "no connection in time"));
    timeout(CONNECTING, trial).await.map_err(late)?
}

/// How far each was ahead before.
async fn ask(mut connection: MultiplexedConnection, takes: &[Take]) -> RedisResult<Vec<u64>> {
    let mut call = SCRIPT.prepare_invoke();
    for Take { policy, subject } in takes {
        call.key(format!("ouvira:limit:{}:{:032x}", policy.name, u128::from_be_bytes(subject.0)));
        call.arg(policy.interval()).arg(policy.burst());
    }
    call.invoke_async(&mut connection).await
}

#[cfg(test)]
mod tests;
