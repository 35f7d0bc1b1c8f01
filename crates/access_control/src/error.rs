//! What can go wrong here.

use ouvira_common::{
    db::DbError,
    page::InvalidCursor,
    ports::{CredentialError, Denied, UserDirectoryError},
    problem::{Code, Failure, FieldError, FieldErrors},
};

/// A use case of access control was refused, or failed.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Some fields of the request are not valid.
    #[error(transparent)]
    Fields(#[from] FieldErrors),
    /// A permission is missing.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// It is not there, or not for the caller to see.
    #[error("not found")]
    NotFound,
    /// The caller does not hold what would be given, or taken.
    #[error("nobody gives or takes what they do not hold")]
    CannotGrant,
    /// System roles cannot be changed.
    #[error("system roles are fixed")]
    SystemRole,
    /// Permissions declared by the system cannot be changed.
    #[error("permissions of the system are fixed")]
    SystemPermission,
    /// Another one has this code.
    #[error("the code is taken")]
    CodeTaken,
    /// Somebody still holds the role.
    #[error("the role is still held")]
    RoleInUse,
    /// They belong to the company already.
    #[error("this user is a member already")]
    AlreadyMember,
    /// It was given before.
    #[error("this is held already")]
    AlreadyGranted,
    /// A company or the tenant would be left without an owner.
    #[error("the last owner cannot go")]
    LastOwner,
    /// It is not the version that the caller read.
    #[error("it was changed in the meantime")]
    VersionMismatch,
    /// The invitation was accepted, revoked or has expired, and cannot be changed any more.
    #[error("the invitation is not pending")]
    NotPending,
    /// The token is no invitation's that could be accepted.
    #[error("the invitation is not valid")]
    InvitationInvalid,
    /// The invitation is for an address that is not a verified one of the caller's account.
    #[error("the invitation is for another address")]
    InvitationNotYours,
    /// The invited address has an account, whose holder accepts signed in.
    #[error("there is an account for this address")]
    AccountExists,
    /// The invitation came to another phone than the one that is named.
    #[error("the invitation was sent to another number")]
    AddressMismatch,
    /// The tenant takes no new accounts.
    #[error("sign-up is closed")]
    SignupClosed,
    /// Only a user can do this for themselves.
    #[error("the caller is not a user of the tenant")]
    NotAUser,
    /// The password was not taken, or no session could be made.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The new user could not be made.
    #[error(transparent)]
    User(#[from] UserDirectoryError),
    /// A filter by a user and a role at once, which no grant on an object has.
    #[error("a grant has one holder")]
    TwoHolders,
    /// A cursor of another list.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<FieldError> for AccessError {
    fn from(error: FieldError) -> Self {
        Self::Fields(error.into())
    }
}

impl AccessError {
    /// A reference in the body to something that is not there, or not for the caller to see.
    pub(crate) fn unknown(pointer: impl Into<String>) -> Self {
        Self::Fields(FieldErrors::unknown_reference(pointer))
    }
}

impl Failure for AccessError {
    fn code(&self) -> Code {
        match self {
            Self::Fields(fields) => fields.code(),
            Self::Denied(denied) => denied.code(),
            Self::NotFound => Code::NotFound,
            Self::CannotGrant => Code::CannotGrant,
            Self::SystemRole => Code::SystemRole,
            Self::SystemPermission | Self::NotAUser => Code::PermissionDenied,
            Self::CodeTaken => Code::CodeTaken,
            Self::RoleInUse => Code::RoleInUse,
            Self::AlreadyMember => Code::AlreadyMember,
            Self::AlreadyGranted => Code::AlreadyGranted,
            Self::LastOwner => Code::LastOwner,
            Self::VersionMismatch => Code::VersionMismatch,
            Self::NotPending => Code::NotPending,
            Self::InvitationInvalid => Code::InvitationInvalid,
            Self::InvitationNotYours => Code::InvitationNotYours,
            Self::AccountExists => Code::AccountExists,
            Self::AddressMismatch => Code::AddressMismatch,
            Self::SignupClosed => Code::SignupClosed,
            Self::Credential(error) => error.code(),
            Self::User(error) => error.code(),
            Self::TwoHolders => Code::InvalidParameter,
            Self::Cursor(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Fields(fields) => fields.fields(),
            Self::Credential(error) => error.fields(),
            _ => &[],
        }
    }
}
