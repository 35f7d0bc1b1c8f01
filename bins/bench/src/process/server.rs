//! A server as a child of this process.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::{Child, Command},
    time::{sleep, timeout},
};

use super::{cpu_time, tail};
use crate::{
    error::BenchError,
    load::{Connection, Request},
};

/// How often a server that starts is asked whether it is ready: the resolution of its start time.
const POLL: Duration = Duration::from_millis(1);
/// How long a server may take until it is ready. The first start makes a database cluster.
const START: Duration = Duration::from_mins(2);
/// How long it may take to end.
const STOP: Duration = Duration::from_secs(30);

/// A running server. Dropped without [`Server::stop`] it is killed.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    metrics: Option<SocketAddr>,
    pid: u32,
    start: Duration,
}

/// An address of this machine that nobody listens at.
pub(crate) fn free_address() -> Result<SocketAddr, BenchError> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map_err(BenchError::io("find a free port"))
}

impl Server {
    /// Runs `command`, which is to listen at `address` and print to `log`, and waits until `GET probe` answers 200.
    pub(crate) async fn start(
        mut command: Command,
        address: SocketAddr,
        probe: &str,
        log: &Path,
    ) -> Result<Self, BenchError> {
        let program = command.as_std().get_program().to_string_lossy().into_owned();
        let output = File::create(log).map_err(BenchError::io(format!("write {}", log.display())))?;
        let errors = output.try_clone().map_err(BenchError::io(format!("write {}", log.display())))?;
        command.stdin(Stdio::null()).stdout(output).stderr(errors).kill_on_drop(true);

        let spawned = Instant::now();
        let mut child = command.spawn().map_err(BenchError::io(format!("run {program}")))?;
        let probe = Request::get(probe).to_bytes(&address.to_string());
        while !is_ready(address, &probe).await {
            let ended = child.try_wait().map_err(BenchError::io(format!("wait for {program}")))?;
            if ended.is_some() {
                return Err(BenchError::Program { program, output: tail(log) });
            }
            if spawned.elapsed() > START {
                return Err(BenchError::TimedOut(format!("the start of {program}")));
            }
            sleep(POLL).await;
        }
        let pid = child.id().expect("it has not been waited for to the end");
        Ok(Self { child, address, metrics: None, pid, start: spawned.elapsed() })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same, with its figures at `metrics`.
    pub(crate) fn with_metrics(self, metrics: SocketAddr) -> Self {
        Self { metrics: Some(metrics), ..self }
    }

    /// Where its figures are. Panics for a server that has none.
    pub(crate) fn metrics(&self) -> SocketAddr {
        self.metrics.expect("only the service is asked for figures")
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// From running the program to the first request that found it ready.
    pub(crate) fn start_time(&self) -> Duration {
        self.start
    }

    /// Waits until it has worked off what it still does by itself: less than five per cent of a core.
    pub(crate) async fn settle(&self) -> Result<(), BenchError> {
        const LOOK: Duration = Duration::from_millis(400);
        const LONGEST: Duration = Duration::from_mins(1);
        let since = Instant::now();
        while since.elapsed() < LONGEST {
            let Some(before) = cpu_time(self.pid) else { return Ok(()) };
            sleep(LOOK).await;
            let Some(after) = cpu_time(self.pid) else { return Ok(()) };
            if after.saturating_sub(before) <= LOOK / 20 {
                return Ok(());
            }
        }
        Err(BenchError::TimedOut("quiet after a run".to_owned()))
    }

    /// Ends it as an operator would, and waits until it is gone.
    pub(crate) async fn stop(mut self) {
        if let Some(pid) = self.child.id().and_then(|pid| Pid::from_raw(pid.cast_signed())) {
            // It may have ended by itself, which is as good.
            let _ = kill_process(pid, Signal::TERM);
        }
        if timeout(STOP, self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }
}

async fn is_ready(address: SocketAddr, probe: &[u8]) -> bool {
    let Ok(mut connection) = Connection::open(address).await else { return false };
    timeout(Duration::from_secs(5), connection.exchange(probe))
        .await
        .is_ok_and(|answer| answer.is_ok_and(|answer| answer.status == 200))
}
