//! When an event is tried again, and when it is given up.

use std::time::Duration;

use ouvira_common::outbox::{ATTEMPTS, HandlerError, pause, pause_of};

/// How long an event is ours. A worker that dies leaves it to others after this long.
pub(super) const LEASE: Duration = Duration::from_mins(1);

/// What becomes of an event.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Done,
    Again { after: Duration, error: String },
    Later { after: Duration, state: String },
    Dead { error: String },
}

/// What becomes of an event after its `attempt`-th attempt.
pub(super) fn next(attempt: u32, outcome: Result<(), HandlerError>) -> Next {
    match outcome {
        Ok(()) => Next::Done,
        Err(HandlerError::Permanent(error)) => Next::Dead { error },
        Err(
            HandlerError::Transient(error) | HandlerError::Pending(error) | HandlerError::Later { error, .. },
        ) if attempt >= ATTEMPTS => Next::Dead { error },
        Err(HandlerError::Transient(error)) => Next::Again { after: pause(attempt), error },
        Err(HandlerError::Pending(state)) => Next::Later { after: pause(attempt), state },
        Err(HandlerError::Later { error, after }) => {
            Next::Again { after: pause_of(attempt, Some(after)), error }
        }
    }
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

    #[test]
    fn a_pause_that_was_asked_for_is_kept_within_bounds() {
        for (asked, after) in [(1, 8), (90, 90), (86_400, 4 * 3600)]
            .map(|(a, b)| (Duration::from_secs(a), Duration::from_secs(b)))
        {
            let outcome = || Err(HandlerError::Later { error: "busy".to_owned(), after: asked });
            assert_eq!(next(2, outcome()), Next::Again { after, error: "busy".to_owned() });
            assert!(matches!(next(ATTEMPTS, outcome()), Next::Dead { .. }));
        }
    }
}
