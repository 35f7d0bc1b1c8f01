//! What can go wrong between a use case and the database.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::{
    problem::{Code, Failure},
    sealing::Unsealable,
};

/// Why the gate let nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The session, grant or user behind the pass has ended.
    #[error("the session has ended")]
    PassEnded,
    /// The session may only enrol a second factor.
    #[error("a second factor has to be set up first")]
    EnrolmentOnly,
    /// The tenant is suspended or being deleted.
    #[error("the tenant is suspended")]
    TenantSuspended,
    /// The tenant is not where the caller believed, and was not found anew.
    #[error("the tenant is not served here")]
    PlacementChanged,
}

/// Why a write under an `Idempotency-Key` did not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// It ran before, and its answer is known: it is found in the claim.
    #[error("the request was answered before")]
    Answered,
    /// The first request with the key is still running.
    #[error("the first request with this key is still running")]
    InProgress,
    /// The key was used for another request.
    #[error("the key was used for another request")]
    Reused,
}

/// A failure of the database layer.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The gate refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The caller's key did.
    #[error(transparent)]
    Key(#[from] KeyRefusal),
    /// A kept answer does not open: another data key, or changed.
    #[error(transparent)]
    Unsealable(#[from] Unsealable),
    /// No connection could be had, or it broke; nothing of the transaction remains, unless it broke during COMMIT.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// Rights kept changing while the use case was deciding.
    #[error("rights kept changing while this was decided")]
    Contention,
    /// A unique constraint said no.
    #[error("unique constraint {0} was violated")]
    Unique(String),
    /// A foreign key said no.
    #[error("foreign key {0} was violated")]
    ForeignKey(String),
    /// A check constraint said no.
    #[error("check constraint {0} was violated")]
    Check(String),
    /// The tenant has as many as it may have.
    #[error("the quota of {0} is used up")]
    Quota(&'static str),
    /// Anything else: a defect of ours.
    #[error("query failed: {0}")]
    Query(DieselError),
}

impl From<DieselError> for DbError {
    fn from(error: DieselError) -> Self {
        let DieselError::DatabaseError(kind, information) = &error else { return Self::Query(error) };
        let constraint = || information.constraint_name().unwrap_or_default().to_owned();
        match kind {
            DatabaseErrorKind::UniqueViolation => Self::Unique(constraint()),
            DatabaseErrorKind::ForeignKeyViolation => Self::ForeignKey(constraint()),
            DatabaseErrorKind::CheckViolation => Self::Check(constraint()),
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                Self::Unavailable(information.message().to_owned())
            }
            // A server that is shutting down or starting up speaks through an ordinary error.
            _ if information.message().starts_with("terminating connection")
                || information.message().starts_with("the database system is") =>
            {
                Self::Unavailable(information.message().to_owned())
            }
            _ => Self::Query(error),
        }
    }
}

impl DbError {
    /// Whether the violated constraint is the unique one named `constraint`.
    pub fn violates_unique(&self, constraint: &str) -> bool {
        matches!(self, Self::Unique(name) if name == constraint)
    }

    /// Whether the violated constraint is the foreign key named `constraint`.
    pub fn violates_foreign_key(&self, constraint: &str) -> bool {
        matches!(self, Self::ForeignKey(name) if name == constraint)
    }
}

impl Failure for DbError {
    fn code(&self) -> Code {
        match self {
            Self::Refused(Refusal::PassEnded) => Code::TokenInvalid,
            Self::Refused(Refusal::EnrolmentOnly) => Code::TwoFactorRequired,
            Self::Refused(Refusal::TenantSuspended) => Code::TenantSuspended,
            Self::Refused(Refusal::PlacementChanged) => Code::TenantNotFound,
            Self::Key(KeyRefusal::Answered | KeyRefusal::InProgress) => Code::IdempotencyInProgress,
            Self::Key(KeyRefusal::Reused) => Code::IdempotencyKeyReused,
            Self::Unavailable(_) | Self::Contention => Code::ServiceUnavailable,
            Self::Quota(_) => Code::QuotaExceeded,
            Self::Unsealable(_) | Self::Unique(_) | Self::ForeignKey(_) | Self::Check(_) | Self::Query(_) => {
                Code::InternalError
            }
        }
    }
}
