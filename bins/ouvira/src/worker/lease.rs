//! When an event is tried again, and when it is given up.

use std::time::Duration;

use ouvira_common::outbox::HandlerError;

/// How long an event is ours. A worker that dies leaves it to others after this long.
pub(super) const LEASE: Duration = Duration::from_mins(1);
/// Attempts before an event is a dead letter: with the pauses below, about a day.
const ATTEMPTS: i32 = 14;
/// The longest pause.
const LONGEST: Duration = Duration::from_hours(4);

/// What becomes of an event.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Done,
    Again { after: Duration, error: String },
    Dead { error: String },
}

/// What becomes of an event after its `attempts`-th attempt.
pub(super) fn next(attempts: i32, outcome: Result<(), HandlerError>) -> Next {
    match outcome {
        Ok(()) => Next::Done,
        Err(HandlerError::Permanent(error)) => Next::Dead { error },
        Err(HandlerError::Transient(error)) if attempts >= ATTEMPTS => Next::Dead { error },
        Err(HandlerError::Transient(error)) => Next::Again { after: pause(attempts), error },
    }
}

/// 2, 8, 32 … seconds, up to four hours.
fn pause(attempts: i32) -> Duration {
    let exponent = u32::try_from(attempts.clamp(1, 8) - 1).unwrap_or(0);
    Duration::from_secs(2 * 4_u64.pow(exponent)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_tried_for_about_a_day_and_then_given_up() {
        let failure = || Err(HandlerError::Transient("away".to_owned()));
        let mut waited = Duration::ZERO;
        let mut attempts = 0;
        loop {
            attempts += 1;
            match next(attempts, failure()) {
                Next::Again { after, .. } => waited += after,
                other => break assert_eq!(other, Next::Dead { error: "away".to_owned() }),
            }
        }
        assert!((Duration::from_hours(20)..Duration::from_hours(36)).contains(&waited), "{waited:?}");
        assert!(matches!(next(1, Err(HandlerError::Permanent("refused".to_owned()))), Next::Dead { .. }));
    }
}
