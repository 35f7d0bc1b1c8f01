use std::convert::Infallible;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle, sleep};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::child::{self, POLL, Setup};
use crate::data_dir::DataDir;
use crate::endpoint::Endpoint;
use crate::error::StartError;
use crate::postmaster_pid::PostmasterPid;

/// How long the checkpoint of a fast shutdown may take before the server is ended without one.
pub(crate) const FAST_SHUTDOWN: Duration = Duration::from_secs(10);

/// The server process, in the hands of a thread of its own: the kernel ends a child with the *thread* that spawned
/// it, and who calls `start` may be a thread of a pool that does not last.
#[derive(Debug)]
pub(crate) struct Server {
    /// Dropped to tell the thread to end the server.
    hold: Option<Sender<Infallible>>,
    keeper: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(command: Command, dir: DataDir, timeout: Duration) -> Result<Self, StartError> {
        let (hold, until_dropped) = mpsc::channel();
        let (tell, told) = mpsc::channel();
        let keeper = thread::Builder::new()
            .name("embedded-postgres".into())
            .spawn(move || keep(command, &dir, timeout, &tell, &until_dropped))
            .map_err(StartError::io("start a thread for", Path::new("postgres")))?;
        told.recv().expect("the thread tells the outcome before it ends")?;
        Ok(Self { hold: Some(hold), keeper: Some(keeper) })
    }

    /// Returns when the server is gone.
    pub(crate) fn stop(&mut self) {
        drop(self.hold.take());
        if let Some(keeper) = self.keeper.take() {
            let _ = keeper.join(); // A panic there has been printed, and there is nothing to add to it.
        }
    }
}

/// The command line. The settings that make the server private are given here, where no file can undo them.
pub(crate) fn command(setup: &Setup<'_>, endpoint: &Endpoint) -> Result<Command, StartError> {
    let Setup { dir, options, .. } = setup;
    let mut command = child::command(setup, "postgres", Signal::SIGINT)?;
    command.arg("-D").arg(dir.cluster());
    child::set(&mut command, "listen_addresses", "");
    child::set(&mut command, "port", endpoint.port().to_string());
    child::set(&mut command, "unix_socket_directories", endpoint.socket_dir());
    child::set(&mut command, "unix_socket_permissions", "0700");
    child::set(&mut command, "hba_file", dir.write_pg_hba(&options.login_roles)?);
    child::set(&mut command, "max_connections", options.max_connections.to_string());
    child::set(&mut command, "log_destination", "stderr");
    child::set(&mut command, "logging_collector", "off");
    for guard in ["fsync", "synchronous_commit", "full_page_writes"] {
        child::set(&mut command, guard, if options.durable { "on" } else { "off" });
    }
    Ok(command)
}

/// The thread's life: spawn, tell the outcome, wait to be let go, end the server.
fn keep(
    mut command: Command,
    dir: &DataDir,
    timeout: Duration,
    tell: &Sender<Result<(), StartError>>,
    until_dropped: &Receiver<Infallible>,
) {
    let mut child = match command.spawn().map_err(StartError::io("run", Path::new("postgres"))) {
        Ok(child) => child,
        Err(error) => return drop(tell.send(Err(error))),
    };
    match wait_until_ready(&mut child, dir, timeout) {
        Ok(()) => {
            let _ = tell.send(Ok(()));
            let _ = until_dropped.recv(); // Nothing is ever sent: it returns when the other end is dropped.
            end(&mut child);
        }
        Err(error) => {
            end(&mut child); // First, so that a next attempt does not meet it.
            let _ = tell.send(Err(error));
        }
    }
}

fn wait_until_ready(child: &mut Child, dir: &DataDir, timeout: Duration) -> Result<(), StartError> {
    let since = Instant::now();
    loop {
        if PostmasterPid::read(&dir.cluster()).is_some_and(|file| file.is_of(child.id()) && file.is_ready()) {
            return Ok(());
        }
        if let Some(status) = child.try_wait().map_err(StartError::io("wait for", Path::new("postgres")))? {
            return Err(StartError::Exited { program: "postgres", status, log: dir.log_tail() });
        }
        if since.elapsed() > timeout {
            return Err(StartError::TimedOut { waited: timeout, log: dir.log_tail() });
        }
        sleep(POLL);
    }
}

/// SIGINT is a fast shutdown: connections are ended, a checkpoint is written. SIGQUIT leaves the checkpoint out, and
/// Postgres itself kills what has not ended five seconds later.
fn end(child: &mut Child) {
    for signal in [Signal::SIGINT, Signal::SIGQUIT] {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        let pid = child.id().try_into().expect("the kernel's process numbers are below 2^22");
        let _ = kill(Pid::from_raw(pid), signal);
        let since = Instant::now();
        while since.elapsed() < FAST_SHUTDOWN && matches!(child.try_wait(), Ok(None)) {
            sleep(POLL);
        }
    }
    // Does nothing to one that has ended, and reaps it.
    let _ = child.kill();
    let _ = child.wait();
}
