//! What can go wrong in the control plane.

use ouvira_common::{
    db::{ConnectError, DbError},
    page::InvalidCursor,
    ports::{CredentialError, Denied, UserDirectoryError},
    problem::{Code, Failure, FieldError, FieldErrors},
    sealing::Unsealable,
};

/// Why a use case of tenancy failed.
#[derive(Debug, thiserror::Error)]
pub enum TenancyError {
    /// There is no such tenant, or not for the caller to see.
    #[error("there is no such tenant")]
    NotFound,
    /// Another tenant has it, or is being made with it at this moment.
    #[error("the slug is taken")]
    SlugTaken,
    /// No tenant may have it.
    #[error("the slug is reserved")]
    SlugReserved,
    /// Another tenant has this domain.
    #[error("the domain {0} is taken")]
    DomainTaken(String),
    /// The tenant's state does not allow it.
    #[error("a tenant that is {0} does not allow this")]
    WrongState(&'static str),
    /// It was changed since it was read.
    #[error("it was changed in the meantime")]
    VersionMismatch,
    /// It takes the role that owns the tables, which this process does not have.
    #[error("this needs DATABASE_OWNER_URL")]
    NotTheOwner,
    /// The database has no catalog.
    #[error("the database is not migrated: run `ouvira migrate` first")]
    NotMigrated,
    /// The database lacks migrations of this release; holds them, `<schema> <version>`.
    #[error("the database is behind this release: run `ouvira migrate` first. It lacks {}", .0.join(", "))]
    Behind(Vec<String>),
    /// An operator of that address is there already.
    #[error("the address is taken")]
    OperatorTaken,
    /// Fields that are not valid.
    #[error(transparent)]
    Fields(#[from] FieldErrors),
    /// A permission is missing.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A cursor of another list.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// The first administrator could not be made.
    #[error(transparent)]
    Administrator(#[from] UserDirectoryError),
    /// Their password was not taken.
    #[error(transparent)]
    Password(#[from] CredentialError),
    /// A key of the deployment is missing, or the catalog was tampered with.
    #[error("a tenant's data key does not unwrap: is a key missing from ENCRYPTION_KEYS?")]
    Key(#[from] Unsealable),
    /// A database cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<diesel::result::Error> for TenancyError {
    fn from(error: diesel::result::Error) -> Self {
        DbError::from(error).into()
    }
}

impl Failure for TenancyError {
    fn code(&self) -> Code {
        match self {
            Self::NotFound => Code::NotFound,
            Self::SlugTaken => Code::SlugTaken,
            Self::SlugReserved => Code::SlugReserved,
            Self::DomainTaken(_) => Code::NameTaken,
            Self::WrongState(_) => Code::Conflict,
            Self::VersionMismatch => Code::VersionMismatch,
            Self::OperatorTaken => Code::EmailTaken,
            Self::Fields(error) => error.code(),
            Self::Denied(error) => error.code(),
            Self::Cursor(error) => error.code(),
            Self::Administrator(error) => error.code(),
            Self::Password(error) => error.code(),
            Self::Key(_) => Code::InternalError,
            Self::NotMigrated | Self::Behind(_) | Self::NotTheOwner | Self::Connect(_) => {
                Code::ServiceUnavailable
            }
            Self::Db(error) => error.code(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Fields(error) => error.fields(),
            Self::Password(error) => error.fields(),
            _ => &[],
        }
    }
}
