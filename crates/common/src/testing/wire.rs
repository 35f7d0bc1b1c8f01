//! Counting round trips where they happen: on the wire.

use std::{
    io::{Read as _, Write as _},
    os::unix::net::{UnixListener, UnixStream},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread,
};

use crate::db::Endpoint;

/// A relay in front of the test server that counts flights: how often the client spoke after having heard an answer.
pub struct Wire {
    directory: tempfile::TempDir,
    flights: Arc<AtomicU64>,
}

impl Wire {
    /// A relay to the server whose socket is in `directory`.
    pub(super) fn to(directory: PathBuf, port: u16) -> Self {
        let own = tempfile::tempdir().expect("a temporary directory can be made");
        let listener = UnixListener::bind(own.path().join(".s.PGSQL.5432")).expect("a socket can be bound");
        let flights = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&flights);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = UnixStream::connect(directory.join(format!(".s.PGSQL.{port}"))).expect("the server listens");
                relay(client, server, Arc::clone(&counter));
            }
        });
        Self { directory: own, flights }
    }

    pub(super) fn endpoint(&self, role: &str, database: &str) -> Endpoint {
        let url = format!("host={} port=5432 user=ouvira_{role} dbname={database}", self.directory.path().display());
        Endpoint::parse(&url).expect("our own connection string is well formed")
    }

    /// Flights since the relay began. Take the difference around the call to be counted; a read's COMMIT, which nobody
    /// waits for, leaves after the call has returned.
    pub fn flights(&self) -> u64 {
        self.flights.load(SeqCst)
    }
}

fn relay(client: UnixStream, server: UnixStream, flights: Arc<AtomicU64>) {
    let answered = Arc::new(AtomicBool::new(true));
    let (mut from_client, mut to_server) = (client.try_clone().expect("a socket can be shared"), server.try_clone().expect("a socket can be shared"));
    let heard = Arc::clone(&answered);
    thread::spawn(move || {
        pump(&mut from_client, &mut to_server, || {
            if heard.swap(false, SeqCst) {
                flights.fetch_add(1, SeqCst);
            }
        });
    });
    let (mut from_server, mut to_client) = (server, client);
    thread::spawn(move || pump(&mut from_server, &mut to_client, || answered.store(true, SeqCst)));
}

fn pump(from: &mut UnixStream, to: &mut UnixStream, before: impl Fn()) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(length) = from.read(&mut buffer) {
        if length == 0 {
            break;
        }
        before();
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    drop(to.shutdown(std::net::Shutdown::Both));
}
