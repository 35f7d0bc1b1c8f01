//! How many statements something sent, and how long it waited for them.
//!
//! A connection tells its stopwatch of every statement that begins and ends. Answers come in the order in which the
//! statements went out, and the server runs one after the other: what passes between two answers is the later one's time,
//! also where they were sent in one flight.

use std::{
    cell::Cell,
    fmt::{self, Write as _},
    time::{Duration, Instant},
};

use diesel::connection::{Instrumentation, InstrumentationEvent};

/// Longest statement that is written to the log, in bytes.
const LOGGED: usize = 2000;

/// What was asked of Postgres. BEGIN, COMMIT and ROLLBACK count towards the time, and are no statements.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reading {
    /// Statements that were answered; the gate is one.
    pub statements: u32,
    /// The time they took, on the wire and there.
    pub time: Duration,
}

tokio::task_local! {
    static READING: Cell<Reading>;
}

/// Runs `work`, and says what it asked of Postgres by itself: not through tasks that it started.
pub async fn metered<T>(work: impl Future<Output = T>) -> (T, Reading) {
    let counted = async {
        let outcome = work.await;
        (outcome, READING.with(Cell::get))
    };
    READING.scope(Cell::default(), counted).await
}

/// Times the statements of one connection.
pub(super) struct Stopwatch {
    since: Instant,
    slow: Option<Duration>,
}

impl Stopwatch {
    /// Statements that take `slow` or longer are written to the log, without their values.
    pub(super) fn new(slow: Option<Duration>) -> Self {
        Self { since: Instant::now(), slow }
    }
}

impl Instrumentation for Stopwatch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => self.since = Instant::now(),
            InstrumentationEvent::FinishQuery { query, .. } => {
                let now = Instant::now();
                let time = now - std::mem::replace(&mut self.since, now);
                let statement = u32::from(!is_bracket(&query));
                // Whoever does not count goes without.
                let _ = READING.try_with(|reading| {
                    let Reading { statements, time: before } = reading.get();
                    reading.set(Reading { statements: statements + statement, time: before + time });
                });
                if self.slow.is_some_and(|slow| time >= slow) {
                    let milliseconds = time.as_secs_f64() * 1000.0;
                    tracing::warn!(milliseconds, statement = beginning(&query, LOGGED), "slow query");
                }
            }
            _ => {}
        }
    }
}

/// Whether it opens or closes a transaction.
fn is_bracket(query: &impl fmt::Display) -> bool {
    let mut word = Beginning::<6>::default();
    // Ends early where there is more.
    let _ = write!(word, "{query}");
    matches!(&word.text[..word.length], [b'B', b'E', b'G', b'I', b'N', ..] | b"COMMIT" | b"ROLLBA")
}

/// The first bytes of what is written, without an allocation.
struct Beginning<const N: usize> {
    text: [u8; N],
    length: usize,
}

impl<const N: usize> Default for Beginning<N> {
    fn default() -> Self {
        Self { text: [0; N], length: 0 }
    }
}

impl<const N: usize> fmt::Write for Beginning<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let taken = text.len().min(N - self.length);
        self.text[self.length..self.length + taken].copy_from_slice(&text.as_bytes()[..taken]);
        self.length += taken;
        if self.length == N { Err(fmt::Error) } else { Ok(()) }
    }
}

/// The text of a statement, cut where it is long.
fn beginning(query: &impl fmt::Display, length: usize) -> String {
    let mut text = query.to_string();
    if let Some((cut, _)) = text.char_indices().find(|(at, _)| *at >= length) {
        text.truncate(cut);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_brackets_a_transaction_is_known_by_its_first_word() {
        for bracket in ["BEGIN", "BEGIN READ ONLY", "COMMIT", "ROLLBACK"] {
            assert!(is_bracket(&bracket), "{bracket}");
        }
        for statement in ["SELECT 1", "", "COMMENT ON TABLE t IS ''", "INSERT INTO begin VALUES (1)"] {
            assert!(!is_bracket(&statement), "{statement}");
        }
    }

    #[test]
    fn a_long_statement_is_cut_between_characters() {
        assert_eq!(beginning(&"SELECT 'ä'", 9), "SELECT 'ä…");
        assert_eq!(beginning(&"SELECT 1", 100), "SELECT 1");
    }
}
