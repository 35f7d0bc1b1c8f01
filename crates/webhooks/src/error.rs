//! What can go wrong in this domain.

use ouvira_common::{
    db::DbError,
    page::InvalidCursor,
    ports::Denied,
    problem::{Code, Failure, FieldError, FieldErrors},
    sealing::Unsealable,
};

/// A use case of webhooks failed.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// There is no such webhook or delivery.
    #[error("there is no such webhook or delivery")]
    NotFound,
    /// Somebody else changed it in the meantime.
    #[error("the webhook was changed in the meantime")]
    VersionMismatch,
    /// Nothing is sent while it is paused.
    #[error("the webhook is paused")]
    Paused,
    /// The tenant has as many as it may have.
    #[error("there are as many webhooks as there may be")]
    Limit,
    /// A secret is handed out only to who signed in lately.
    #[error("a recent sign-in is needed")]
    ReauthenticationRequired,
    /// The secret does not open: the tenant's key is another one, or was destroyed.
    #[error(transparent)]
    Unsealable(#[from] Unsealable),
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

impl Failure for WebhookError {
    fn code(&self) -> Code {
        match self {
            Self::NotFound => Code::NotFound,
            Self::VersionMismatch => Code::VersionMismatch,
            Self::Paused => Code::WebhookPaused,
            Self::Limit => Code::QuotaExceeded,
            Self::ReauthenticationRequired => Code::ReauthenticationRequired,
            Self::Unsealable(_) => Code::InternalError,
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
