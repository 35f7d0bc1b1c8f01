//! Why there are no figures.

use std::io;

/// A measurement could not be taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// Something of the machine failed.
    #[error("cannot {what}: {source}")]
    Io {
        /// In the infinitive.
        what: String,
        /// Why not.
        source: io::Error,
    },
    /// `--only` names something that is not measured.
    #[error("there is no measurement {0}")]
    UnknownMeasurement(String),
    /// A program that is needed ended badly or too early.
    #[error("{program} failed\n{output}")]
    Program {
        /// Which one.
        program: String,
        /// The end of what it printed.
        output: String,
    },
    /// Something that has to happen did not.
    #[error("{0} did not happen in time")]
    TimedOut(String),
    /// A request that must succeed did not.
    #[error("{request} was answered {status}: {body}")]
    Answer {
        /// Method and path.
        request: String,
        /// What came instead.
        status: u16,
        /// Its body.
        body: String,
    },
    /// An answer without a member that it is promised to have.
    #[error("the answer to {request} cannot be read: {reason}")]
    Unreadable {
        /// Method and path.
        request: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Requests failed under load. The throughput of failures is no figure.
    #[error("{failures} of {requests} requests failed; the first: {first}")]
    Failures {
        /// How many.
        failures: u64,
        /// Of how many.
        requests: u64,
        /// What happened to one of them.
        first: String,
    },
    /// The database of the bare handlers refused something.
    #[error("Postgres: {0}")]
    Postgres(#[from] tokio_postgres::Error),
    /// The service's private Postgres is not where it belongs.
    #[error("no Postgres runs in {0}")]
    NoPostgres(String),
    /// Some of the measurements failed.
    #[error("not measured to the end: {0}")]
    Incomplete(String),
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}

impl BenchError {
    /// For `map_err`; `what` completes "cannot …".
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
