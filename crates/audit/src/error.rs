//! What can go wrong in this domain.

use ouvira_common::{
    db::DbError,
    page::InvalidCursor,
    ports::Denied,
    problem::{Code, Failure, FieldError, FieldErrors},
};

/// A use case of the logs or of notifications failed.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// There is no such row, or it is not for the caller to see.
    #[error("there is no such row")]
    NotFound,
    /// The tree is not that large, or never had that size.
    #[error("the tree has no such size")]
    BeyondTree,
    /// Only a user has notifications and security events of their own.
    #[error("only a user has these")]
    NotAUser,
    /// A ticket is unknown, used or expired.
    #[error("the ticket is not valid")]
    TicketInvalid,
    /// The end of a time range is not after its beginning.
    #[error("the range of time is empty")]
    EmptyRange,
    /// No action, event or kind of object can be called that.
    #[error("nothing is called that")]
    NoName {
        /// The parameter that asks for it.
        parameter: &'static str,
    },
    /// Fields of the request are not valid.
    #[error(transparent)]
    Fields(#[from] FieldErrors),
    /// A permission is missing.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The cursor is not one of this list.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Failure for AuditError {
    fn code(&self) -> Code {
        match self {
            Self::NotFound => Code::NotFound,
            Self::NotAUser => Code::PermissionDenied,
            Self::TicketInvalid => Code::TokenInvalid,
            Self::EmptyRange | Self::NoName { .. } | Self::BeyondTree => Code::InvalidParameter,
            Self::Fields(fields) => fields.code(),
            Self::Denied(denied) => denied.code(),
            Self::Cursor(cursor) => cursor.code(),
            Self::Db(error) => error.code(),
        }
    }

    fn parameter(&self) -> Option<&'static str> {
        match self {
            Self::EmptyRange | Self::BeyondTree => Some("to"),
            Self::NoName { parameter } => Some(parameter),
            Self::Cursor(cursor) => cursor.parameter(),
            _ => None,
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Fields(fields) => fields.fields(),
            _ => &[],
        }
    }
}
