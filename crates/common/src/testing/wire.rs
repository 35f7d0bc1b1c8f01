//! Counting round trips where they happen, on the wire, and cutting it.

use std::{
    io::{Read as _, Write as _},
    os::unix::net::{UnixListener, UnixStream},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::SeqCst},
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
    cut: Arc<AtomicU8>,
}

/// Where a relay breaks the connection of the next transaction that commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The server never hears COMMIT.
    BeforeCommit = 1,
    /// The server commits, and its answer is lost.
    AfterCommit = 2,
}

impl Wire {
    /// A relay to the server whose socket is in `directory`.
    pub(super) fn to(directory: PathBuf, port: u16) -> Self {
        let own = tempfile::tempdir().expect("a temporary directory can be made");
        let listener = UnixListener::bind(own.path().join(".s.PGSQL.5432")).expect("a socket can be bound");
        let flights = Arc::new(AtomicU64::new(0));
        let statements = Arc::new(AtomicU64::new(0));
        let cut = Arc::new(AtomicU8::new(0));
        let (counters, scissors) = ([Arc::clone(&flights), Arc::clone(&statements)], Arc::clone(&cut));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = UnixStream::connect(directory.join(format!(".s.PGSQL.{port}")))
                    .expect("the server listens");
                relay(client, server, counters.clone(), Arc::clone(&scissors));
            }
        });
        Self { directory: own, flights, statements, cut }
    }

    pub(super) fn endpoint(&self, role: &str, database: &str) -> Endpoint {
        let url = format!(
            "host={} port=5432 user=ouvira_{role} dbname={database}",
            self.directory.path().display()
        );
        Endpoint::parse(&url).expect("our own connection string is well formed").unhurried()
    }

    /// Breaks the connection of the next transaction that commits, once.
    pub fn cut(&self, at: Cut) {
        self.cut.store(at as u8, SeqCst);
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

/// Length of an `SSLRequest`; every start-up message is longer.
const ASKING_FOR_TLS: u32 = 8;

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
            // The first message has a length and no type, and neither has the question for TLS that may come before it.
            let whole =
                self.head.split_last_chunk::<4>().filter(|(kind, _)| kind.len() == usize::from(self.started));
            let Some((kind, length)) = whole else { continue };
            found += u64::from(matches!(kind, b"Q" | b"E"));
            self.body = (u32::from_be_bytes(*length) as usize).saturating_sub(4);
            self.started |= u32::from_be_bytes(*length) != ASKING_FOR_TLS;
            self.head.clear();
        }
        found
    }
}

fn relay(
    client: UnixStream,
    server: UnixStream,
    [flights, statements]: [Arc<AtomicU64>; 2],
    cut: Arc<AtomicU8>,
) {
    let answered = Arc::new(AtomicBool::new(true));
    let last_words = Arc::new(AtomicBool::new(false));
    let (mut from_client, mut to_server) = (
        client.try_clone().expect("a socket can be shared"),
        server.try_clone().expect("a socket can be shared"),
    );
    let (heard, last) = (Arc::clone(&answered), Arc::clone(&last_words));
    thread::spawn(move || {
        let mut found = Statements::default();
        pump(&mut from_client, &mut to_server, |bytes| {
            statements.fetch_add(found.count(bytes), SeqCst);
            if heard.swap(false, SeqCst) {
                flights.fetch_add(1, SeqCst);
            }
            if !bytes.windows(7).any(|word| word == b"COMMIT\0") {
                return true;
            }
            let at = cut.swap(0, SeqCst);
            last.store(at == Cut::AfterCommit as u8, SeqCst);
            at != Cut::BeforeCommit as u8
        });
    });
    let (mut from_server, mut to_client) = (server, client);
    thread::spawn(move || {
        pump(&mut from_server, &mut to_client, |_| {
            answered.store(true, SeqCst);
            !last_words.load(SeqCst)
        });
    });
}

/// Passes on what comes for as long as `before` says so; then neither side hears anything more.
fn pump(from: &mut UnixStream, to: &mut UnixStream, mut before: impl FnMut(&[u8]) -> bool) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(length) = from.read(&mut buffer) {
        if length == 0 || !before(&buffer[..length]) || to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    drop(to.shutdown(std::net::Shutdown::Both));
    drop(from.shutdown(std::net::Shutdown::Both));
}
