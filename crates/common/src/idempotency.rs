//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a request that is sent twice has one effect, and gets its
//! first answer twice.
//!
//! A [`Claim`] travels in the [`RequestContext`](crate::context::RequestContext), so that use cases know nothing of it.
//! [`Db::write`](crate::db::Db::write) takes the key in the flight of the gate, and leaves the transaction open when the
//! use case is done; whoever renders the answer has it kept by [`Claim::conclude`], which commits both.

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use chrono::Duration;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{
    db::{DbError, Pending},
    entropy::Entropy,
    principal::Principal,
    sealing::{DataKey, Place, Unsealable},
    time::Timestamp,
};

/// How long an answer is kept.
pub const KEPT: Duration = Duration::hours(24);
/// Longest key, in characters.
const LENGTH: usize = 255;

/// What a caller calls a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// 1 to 255 visible ASCII characters, as they are or in quotes; `None` for anything else.
    pub fn parse(value: &str) -> Option<Self> {
        let bare = match value.strip_prefix('"') {
            Some(rest) => rest.strip_suffix('"')?,
            None => value,
        };
        let well_formed =
            (1..=LENGTH).contains(&bare.len()) && bare.bytes().all(|byte| byte.is_ascii_graphic());
        well_formed.then(|| Self(bare.to_owned()))
    }
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers that belong to it.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    status: u16,
    headers: Vec<(String, String)>,
}

impl Answer {
    /// The head as a line of JSON, then the body.
    pub fn to_bytes(&self) -> Vec<u8> {
        let head = Head { status: self.status, headers: self.headers.clone() };
        let mut bytes = serde_json::to_vec(&head).expect("a head is plain data");
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// What [`Answer::to_bytes`] made; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let Head { status, headers } = serde_json::from_slice(&bytes[..end]).ok()?;
        Some(Self { status, headers, body: bytes[end + 1..].to_vec() })
    }
}

/// What a transaction needs to take a key: nothing in it can be read back.
pub(crate) struct Hold {
    pub(crate) key: [u8; 32],
    pub(crate) fingerprint: [u8; 32],
    /// Of the advisory lock.
    pub(crate) lock: i64,
}

impl Hold {
    fn place(&self) -> Place {
        let mut row = [0; 16];
        row.copy_from_slice(&self.key[..16]);
        Place { table: "idempotency_keys", column: "answer", row: Uuid::from_bytes(row) }
    }

    /// What was kept.
    pub(crate) fn open(&self, data_key: &DataKey, sealed: &[u8]) -> Result<Answer, Unsealable> {
        Answer::from_bytes(&data_key.open(self.place(), sealed)?).ok_or(Unsealable)
    }

    /// What is to be kept.
    pub(crate) fn seal(&self, data_key: &DataKey, answer: &Answer, entropy: &dyn Entropy) -> Vec<u8> {
        data_key.seal(self.place(), &answer.to_bytes(), entropy)
    }

    /// Until when an answer of `now` is kept.
    pub(crate) fn expires_at(now: Timestamp) -> Timestamp {
        now + KEPT
    }
}

enum State {
    /// The database was not asked yet, or the use case refused.
    Idle,
    /// The effect is done, and waits for its answer to be kept with it.
    Waiting(Box<Pending>),
    /// There was an answer already.
    Answered(Answer),
}

struct Inner {
    key: Key,
    /// Of method and path.
    target: [u8; 32],
    /// Of the body, once it was read.
    body: OnceLock<[u8; 32]>,
    state: Mutex<State>,
}

/// One request's claim to its key. Cheap to clone. Dropped before its conclusion, whatever was done under it is rolled
/// back.
#[derive(Clone)]
pub struct Claim(Arc<Inner>);

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claim({})", self.0.key.0)
    }
}

impl Claim {
    /// A claim to `key`; the same key means the same request only for the same `target`: method, path and query.
    pub fn new(key: Key, target: &[&str]) -> Self {
        let parts: Vec<_> = target.iter().map(|part| part.as_bytes()).collect();
        let (target, state) = (hash(&parts), Mutex::new(State::Idle));
        Self(Arc::new(Inner { key, target, body: OnceLock::new(), state }))
    }

    /// Notes what was sent. Before that nothing can be kept.
    pub fn note_body(&self, bytes: &[u8]) {
        let _ = self.0.body.set(Sha256::digest(bytes).into());
    }

    /// Whether the request was read to its end.
    pub fn is_complete(&self) -> bool {
        self.0.body.get().is_some()
    }

    /// The answer that was found under the key.
    pub fn found(&self) -> Option<Answer> {
        match &*self.state() {
            State::Answered(answer) => Some(answer.clone()),
            State::Idle | State::Waiting(_) => None,
        }
    }

    /// Whether an effect waits for its answer.
    pub fn is_waiting(&self) -> bool {
        matches!(&*self.state(), State::Waiting(_))
    }

    /// Keeps `answer` in the transaction of the effect, and commits it. Without an effect it does nothing.
    pub async fn conclude(&self, answer: &Answer, entropy: &dyn Entropy) -> Result<(), DbError> {
        let Some(mut pending) = self.resume() else { return Ok(()) };
        pending.keep(answer, entropy);
        pending.commit().await
    }

    /// Undoes an effect that waits for its answer.
    pub async fn give_up(&self) {
        if let Some(pending) = self.resume() {
            pending.roll_back().await;
        }
    }

    /// Names and fingerprint of the claim of `caller`, as the database knows them.
    pub(crate) fn hold(&self, data_key: &DataKey, caller: Principal) -> Hold {
        let name = [caller.kind.as_str().as_bytes(), caller.id.as_bytes(), self.0.key.0.as_bytes()];
        let key = data_key.mac("idempotency.key", &name);
        let body = self.0.body.get().map_or(&[][..], |hash| &hash[..]);
        let mut lock = [0; 8];
        lock.copy_from_slice(&key[..8]);
        Hold {
            key,
            fingerprint: data_key.mac("idempotency.request", &[&self.0.target, body]),
            lock: i64::from_be_bytes(lock),
        }
    }

    /// Hashes of the key of `caller`, and of the request, for tables that belong to no tenant and so have no data key.
    pub fn hashes(&self, caller: Principal) -> ([u8; 32], [u8; 32]) {
        let key = [caller.kind.as_str().as_bytes(), caller.id.as_bytes(), self.0.key.0.as_bytes()];
        let body = self.0.body.get().map_or(&[][..], |hash| &hash[..]);
        (hash(&key), hash(&[&self.0.target, body]))
    }

    /// The transaction that waits, to go on with.
    pub(crate) fn resume(&self) -> Option<Box<Pending>> {
        let mut state = self.state();
        match std::mem::replace(&mut *state, State::Idle) {
            State::Waiting(pending) => Some(pending),
            other => {
                *state = other;
                None
            }
        }
    }

    pub(crate) fn wait(&self, pending: Box<Pending>) {
        *self.state() = State::Waiting(pending);
    }

    /// Says that there is an answer already.
    pub fn answered(&self, answer: Answer) {
        *self.state() = State::Answered(answer);
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing panics while it holds the lock, and a state is always whole.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Parts are length-prefixed, so that no two lists of parts give the same hash.
fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_few_visible_characters_quoted_or_not() {
        assert_eq!(Key::parse("k-1"), Some(Key("k-1".to_owned())));
        assert_eq!(Key::parse("\"k-1\""), Key::parse("k-1"));
        assert!(Key::parse(&"k".repeat(255)).is_some());
        for malformed in ["", "\"\"", "\"", "\"k", "a b", "é", "a\tb", &"k".repeat(256)] {
            assert_eq!(Key::parse(malformed), None, "{malformed}");
        }
    }

    #[test]
    fn an_answer_survives_being_kept() {
        let headers = vec![("location".to_owned(), "/x".to_owned())];
        let answer = Answer { status: 201, headers, body: b"{\"a\":\n1}".to_vec() };
        assert_eq!(Answer::from_bytes(&answer.to_bytes()), Some(answer));
        assert_eq!(Answer::from_bytes(b"nothing"), None);
    }
}
