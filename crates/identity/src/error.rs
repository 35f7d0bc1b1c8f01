//! What can go wrong with users.

use ouvira_common::{
    db::DbError,
    page::InvalidCursor,
    ports::{Denied, GrantRefused, LastOwner},
    problem::{Code, Failure, FieldError, FieldErrors},
};

use crate::store;

/// Why a use case on users did not happen.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// There is no such user, or the caller may not read users.
    #[error("there is no such user")]
    NotFound,
    /// It is about oneself, and the caller is no user of the tenant.
    #[error("only a user has a profile")]
    NoProfile,
    /// Another user holds this e-mail address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// Another user holds this phone number.
    #[error("the phone number is taken")]
    PhoneTaken,
    /// An administrator would change an address of somebody who has proven one: whoever controls an address controls
    /// the account.
    #[error("only its holder changes a verified address")]
    AddressVerified,
    /// `If-Match` names another version.
    #[error("the user was changed in the meantime")]
    VersionMismatch,
    /// A file to import has more than 64 MiB.
    #[error("the file is too large")]
    FileTooLarge,
    /// A file to import broke off.
    #[error("the file broke off")]
    FileBroken,
    /// Some fields are not valid.
    #[error(transparent)]
    Fields(#[from] FieldErrors),
    /// The cursor is of another list.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// They are the last owner of something.
    #[error(transparent)]
    LastOwner(#[from] LastOwner),
    /// A role was not given.
    #[error(transparent)]
    Roles(GrantRefused),
    /// A permission is missing.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database.
    #[error(transparent)]
    Db(DbError),
}

impl From<DbError> for UserError {
    /// The two constraints that callers can run into have names of their own, wherever in the transaction they strike.
    fn from(error: DbError) -> Self {
        if error.violates_unique(store::EMAIL_HELD) {
            Self::EmailTaken
        } else if error.violates_unique(store::PHONE_HELD) {
            Self::PhoneTaken
        } else {
            Self::Db(error)
        }
    }
}

impl From<GrantRefused> for UserError {
    fn from(error: GrantRefused) -> Self {
        match error {
            GrantRefused::Unknown(index) => {
                FieldErrors::unknown_reference(format!("/role_ids/{index}")).into()
            }
            error => Self::Roles(error),
        }
    }
}

impl Failure for UserError {
    fn code(&self) -> Code {
        match self {
            Self::NotFound => Code::NotFound,
            Self::NoProfile => Code::PermissionDenied,
            Self::EmailTaken => Code::EmailTaken,
            Self::PhoneTaken => Code::PhoneTaken,
            Self::AddressVerified => Code::AddressVerified,
            Self::VersionMismatch => Code::VersionMismatch,
            Self::FileTooLarge => Code::BodyTooLarge,
            Self::FileBroken => Code::BadRequest,
            Self::Fields(error) => error.code(),
            Self::Cursor(error) => error.code(),
            Self::LastOwner(error) => error.code(),
            Self::Roles(error) => error.code(),
            Self::Denied(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Fields(error) => error.fields(),
            _ => &[],
        }
    }
}
