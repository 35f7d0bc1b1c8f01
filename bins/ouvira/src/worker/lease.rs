//! When an event is tried again, and when it is given up.

use std::time::Duration;

use ouvira_common::outbox::{ATTEMPTS, HandlerError, pause};

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
        Err(HandlerError::Transient(error) | HandlerError::Pending(error)) if attempt >= ATTEMPTS => {
            Next::Dead { error }
        }
        Err(HandlerError::Transient(error)) => Next::Again { after: pause(attempt), error },
        Err(HandlerError::Pending(state)) => Next::Later { after: pause(attempt), state },
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
}
