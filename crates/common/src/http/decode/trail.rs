//! The way through a value.

use std::cell::RefCell;

use super::WireError;
use crate::problem::{FieldCode, FieldError};

/// Most unknown members that are named in one answer.
const MOST_UNKNOWN: usize = 50;
/// Longest member name that a pointer repeats, in characters.
const NAME_LENGTH: usize = 100;

/// The way from the root to the value at hand, and what was found on it.
#[derive(Default)]
pub(super) struct Trail {
    /// A JSON Pointer (RFC 6901).
    path: RefCell<String>,
    unknown: RefCell<Vec<FieldError>>,
}

impl Trail {
    /// What nobody asked for.
    pub(super) fn into_unknown(self) -> Vec<FieldError> {
        self.unknown.into_inner()
    }

    /// Does `step` one level deeper, at `name`.
    pub(super) fn below<T>(
        &self,
        name: &str,
        step: impl FnOnce() -> Result<T, WireError>,
    ) -> Result<T, WireError> {
        let length = self.path.borrow().len();
        push(&mut self.path.borrow_mut(), name);
        let done = step().map_err(|error| error.at(&self.path.borrow()));
        self.path.borrow_mut().truncate(length);
        done
    }

    /// Notes that nobody asked for the value at hand.
    pub(super) fn unknown(&self) {
        let mut unknown = self.unknown.borrow_mut();
        if unknown.len() < MOST_UNKNOWN {
            unknown.push(FieldError::new(self.path.borrow().clone(), FieldCode::UnknownField));
        }
    }
}

/// Appends a reference token (RFC 6901 §3).
pub(super) fn push(pointer: &mut String, name: &str) {
    pointer.push('/');
    for character in name.chars().take(NAME_LENGTH) {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}
