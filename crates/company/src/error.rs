//! What can go wrong in this domain.

use ouvira_common::{
    db::DbError,
    page::InvalidCursor,
    ports::Denied,
    problem::{Code, Failure, FieldError, FieldErrors},
};

/// A use case of companies failed.
#[derive(Debug, thiserror::Error)]
pub enum CompanyError {
    /// There is no such company, or the caller may not see it.
    #[error("there is no such company")]
    NotFound,
    /// Only a user can found a company: somebody has to own it.
    #[error("only a user can own a company")]
    NotAUser,
    /// A sibling has this name, however it is spelled.
    #[error("a sibling has this name")]
    NameTaken,
    /// There are still companies below it.
    #[error("there are companies below it")]
    HasChildren,
    /// It would stand below itself.
    #[error("a company cannot stand below itself")]
    Cycle,
    /// Somebody else changed it in the meantime.
    #[error("the company was changed in the meantime")]
    VersionMismatch,
    /// It is not deleted, so it cannot be restored.
    #[error("the company is not deleted")]
    NotDeleted,
    /// It stood below a company that is no more.
    #[error("the company above it is deleted")]
    ParentDeleted,
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
    Db(DbError),
}

impl From<DbError> for CompanyError {
    fn from(error: DbError) -> Self {
        if error.violates_unique("companies_name") { Self::NameTaken } else { Self::Db(error) }
    }
}

impl Failure for CompanyError {
    fn code(&self) -> Code {
        match self {
            Self::NotFound => Code::NotFound,
            Self::NotAUser => Code::PermissionDenied,
            Self::NameTaken => Code::NameTaken,
            Self::HasChildren => Code::HasChildren,
            Self::Cycle => Code::CompanyCycle,
            Self::VersionMismatch => Code::VersionMismatch,
            Self::NotDeleted | Self::ParentDeleted => Code::Conflict,
            Self::Fields(fields) => fields.code(),
            Self::Denied(denied) => denied.code(),
            Self::Cursor(cursor) => cursor.code(),
            Self::Db(error) => error.code(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Fields(fields) => fields.fields(),
            _ => &[],
        }
    }
}
