//! Pages of a list: keyset cursors, never offsets.

use serde::{Serialize, de::DeserializeOwned};

use crate::problem::{Code, Failure};

/// How many items a page holds: 1 to 100, 20 unless asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u8);

impl Limit {
    /// `None` when out of range.
    pub fn new(limit: u32) -> Option<Self> {
        u8::try_from(limit).ok().filter(|limit| (1..=100).contains(limit)).map(Self)
    }

    /// The number of items.
    pub fn get(self) -> usize {
        usize::from(self.0)
    }

    /// What a query asks for: one more, to know whether there is a next page.
    pub fn probe(self) -> i64 {
        i64::from(self.0) + 1
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(20)
    }
}

/// What a list use case is asked: a page of at most `limit` items after `cursor`.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    /// How many.
    pub limit: Limit,
    /// Where the page before ended, already checked and opened; `None` for the first page.
    pub after: Option<serde_json::Value>,
    /// Whether the total was asked for.
    pub count: bool,
}

/// A cursor that belongs to no page of this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one of this list")]
pub struct InvalidCursor;

impl Failure for InvalidCursor {
    fn code(&self) -> Code {
        Code::InvalidParameter
    }

    fn parameter(&self) -> Option<&'static str> {
        Some("cursor")
    }
}

impl PageRequest {
    /// The position to go on after, as the list wrote it.
    pub fn position<K: DeserializeOwned>(&self) -> Result<Option<K>, InvalidCursor> {
        self.after.clone().map(serde_json::from_value).transpose().map_err(|_| InvalidCursor)
    }
}

/// One page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Position of the last item when there is a next page.
    pub next: Option<serde_json::Value>,
    /// How many there are in all, when that was asked for.
    pub total: Option<i64>,
}

impl<T> Page<T> {
    /// A page from at most `limit.probe()` rows; `position` tells where an item stands.
    pub fn from_rows<K: Serialize>(mut rows: Vec<T>, limit: Limit, position: impl Fn(&T) -> K) -> Self {
        let more = rows.len() > limit.get();
        rows.truncate(limit.get());
        let next = rows
            .last()
            .filter(|_| more)
            .map(|last| serde_json::to_value(position(last)).expect("a position is plain data"));
        Self { items: rows, next, total: None }
    }

    /// The same page of other items.
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(convert).collect(), next: self.next, total: self.total }
    }
}
