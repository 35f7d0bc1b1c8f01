//! Time comes in as a value. The one place that reads the machine's clock is [`SystemClock`].

use chrono::{DateTime, SubsecRound as _, Utc};

/// An instant in UTC with microseconds, which is what Postgres keeps.
pub type Timestamp = DateTime<Utc>;

/// Tells the time; a fixed one in tests.
pub trait Clock: Send + Sync {
    /// The present instant, truncated to microseconds.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is given")]
    fn now(&self) -> Timestamp {
        Utc::now().trunc_subsecs(6)
    }
}
