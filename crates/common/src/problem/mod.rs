//! How a failure is told: every error of a domain is a [`Failure`] with a [`Code`] of one table.

mod field;
mod table;

pub use field::{FieldError, FieldErrors};
pub use table::{Code, FieldCode};

/// What every error of a domain can say of itself. One exhaustive match a domain; turned into HTTP in one place.
pub trait Failure: std::error::Error {
    /// The stable code.
    fn code(&self) -> Code;

    /// Which fields of the request are meant, for [`Code::ValidationFailed`] and the like.
    fn fields(&self) -> &[FieldError] {
        &[]
    }

    /// Which query parameter is meant, for [`Code::InvalidParameter`].
    fn parameter(&self) -> Option<&'static str> {
        None
    }

    /// Seconds after which trying again makes sense (`Retry-After`).
    fn retry_after(&self) -> Option<u64> {
        (self.code().status() == 503).then_some(1)
    }
}
