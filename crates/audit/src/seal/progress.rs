//! How far sealing has come, for who watches it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering::Relaxed},
};

use chrono::{DateTime, TimeDelta};
use ouvira_common::time::Timestamp;

/// A process that has not sealed for this long has left it to another.
const SILENT: TimeDelta = TimeDelta::minutes(5);

/// Up to when everything is sealed, as the last round of this process knows. Shared and cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct SealingProgress(Arc<Marks>);

/// In milliseconds since 1970; zero for never.
#[derive(Debug, Default)]
struct Marks {
    reached: AtomicI64,
    tried: AtomicI64,
}

impl SealingProgress {
    /// A round begins.
    pub(super) fn tried(&self, now: Timestamp) {
        self.0.tried.store(now.timestamp_millis(), Relaxed);
    }

    /// Whatever was written before `at` is sealed.
    pub(super) fn reached(&self, at: Timestamp) {
        self.0.reached.store(at.timestamp_millis(), Relaxed);
    }

    /// How late sealing is: how long ago the oldest row can have been written that is not sealed. It grows while rounds
    /// fail or rows wait for a transaction that does not end. `None` in a process that does not seal: another one does,
    /// or none at all.
    pub fn delay(&self, now: Timestamp) -> Option<TimeDelta> {
        let at = |mark: &AtomicI64| {
            DateTime::from_timestamp_millis(mark.load(Relaxed)).filter(|at| at.timestamp() > 0)
        };
        at(&self.0.tried).filter(|tried| now - *tried < SILENT)?;
        Some((now - at(&self.0.reached)?).max(TimeDelta::zero()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_grows_until_the_next_round_and_is_told_by_who_seals() {
        let progress = SealingProgress::default();
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert_eq!(progress.delay(now), None);
        progress.tried(now);
        progress.reached(now);
        assert_eq!(progress.delay(now), Some(TimeDelta::zero()));
        assert_eq!(progress.clone().delay(now + TimeDelta::seconds(70)), Some(TimeDelta::seconds(70)));
        assert_eq!(progress.delay(now + TimeDelta::minutes(6)), None);
    }
}
