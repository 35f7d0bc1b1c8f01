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

/// A relay in front of the test server that counts flights, how often the client spoke after having heard an answer, and
/// statements, whatever flight they were in.
pub struct Wire {
    directory: tempfile::TempDir,
    flights: Arc<AtomicU64>,
    statements: Arc<AtomicU64>,
}

impl Wire {
    /// A relay to the server whose socket is in `directory`.
    pub(super) fn to(directory: PathBuf, port: u16) -> Self {
        let own = tempfile::tempdir().expect("a temporary directory can be made");
        let listener = UnixListener::bind(own.path().join(".s.PGSQL.5432")).expect("a socket can be bound");
        let flights = Arc::new(AtomicU64::new(0));
        let statements = Arc::new(AtomicU64::new(0));
        let counters = [Arc::clone(&flights), Arc::clone(&statements)];
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = UnixStream::connect(directory.join(format!(".s.PGSQL.{port}")))
                    .expect("the server listens");
                relay(client, server, counters.clone());
            }
        });
        Self { directory: own, flights, statements }
    }

    pub(super) fn endpoint(&self, role: &str, database: &str) -> Endpoint {
        let url = format!(
            "host={} port=5432 user=ouvira_{role} dbname={database}",
            self.directory.path().display()
        );
        Endpoint::parse(&url).expect("our own connection string is well formed")
    }

    /// Flights since the relay began. Take the difference around the call to be counted; a read's COMMIT, which nobody
    /// waits for, leaves after the call has returned.
    pub fn flights(&self) -> u64 {
        self.flights.load(SeqCst)
    }

    /// Statements sent since the relay began, BEGIN and COMMIT among them: the same on a busy machine.
    pub fn statements(&self) -> u64 {
        self.statements.load(SeqCst)
    }
}

/// Finds the statements in what a client says (Postgres documentation, chapter 55.7).
#[derive(Default)]
struct Statements {
    started: bool,
    /// The head of a message, as far as it came.
    head: Vec<u8>,
    /// Bytes of a message's body that are still to come.
    body: usize,
}

impl Statements {
    /// How many begin in `bytes`.
    fn count(&mut self, mut bytes: &[u8]) -> u64 {
        let mut found = 0;
        while !bytes.is_empty() {
            let skipped = self.body.min(bytes.len());
            (self.body, bytes) = (self.body - skipped, &bytes[skipped..]);
            let Some((&next, rest)) = bytes.split_first() else { break };
            self.head.push(next);
            bytes = rest;
            // The very first message has a length and no type.
            let whole =
                self.head.split_last_chunk::<4>().filter(|(kind, _)| kind.len() == usize::from(self.started));
            let Some((kind, length)) = whole else { continue };
            found += u64::from(matches!(kind, b"Q" | b"E"));
            self.body = (u32::from_be_bytes(*length) as usize).saturating_sub(4);
            self.started = true;
            self.head.clear();
        }
        found
    }
}

fn relay(client: UnixStream, server: UnixStream, [flights, statements]: [Arc<AtomicU64>; 2]) {
    let answered = Arc::new(AtomicBool::new(true));
    let (mut from_client, mut to_server) = (
        client.try_clone().expect("a socket can be shared"),
        server.try_clone().expect("a socket can be shared"),
    );
    let heard = Arc::clone(&answered);
    thread::spawn(move || {
        let mut found = Statements::default();
        pump(&mut from_client, &mut to_server, |bytes| {
            statements.fetch_add(found.count(bytes), SeqCst);
            if heard.swap(false, SeqCst) {
                flights.fetch_add(1, SeqCst);
            }
        });
    });
    let (mut from_server, mut to_client) = (server, client);
    thread::spawn(move || pump(&mut from_server, &mut to_client, |_| answered.store(true, SeqCst)));
}

fn pump(from: &mut UnixStream, to: &mut UnixStream, mut before: impl FnMut(&[u8])) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(length) = from.read(&mut buffer) {
        if length == 0 {
            break;
        }
        before(&buffer[..length]);
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    drop(to.shutdown(std::net::Shutdown::Both));
}
