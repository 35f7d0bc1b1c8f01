//! A clock that moves only when told.

use std::sync::Mutex;

use chrono::Duration;

use crate::time::{Clock, SystemClock, Timestamp};

/// Stands at the instant it was made until it is moved.
#[derive(Debug)]
pub struct FixedClock(Mutex<Timestamp>);

impl FixedClock {
    /// Stands at `at`.
    pub fn at(at: Timestamp) -> Self {
        Self(Mutex::new(at))
    }

    /// Moves on by `duration`.
    pub fn advance(&self, duration: Duration) {
        *self.0.lock().expect("no test panics while it moves the clock") += duration;
    }
}

impl Default for FixedClock {
    /// Stands at the present: the gate goes by the database's own clock.
    fn default() -> Self {
        Self::at(SystemClock.now())
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("no test panics while it moves the clock")
    }
}
