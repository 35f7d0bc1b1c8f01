//! What can go wrong when people sign in.

use ouvira_common::{
    db::DbError,
    page::InvalidCursor,
    ports::{
        CaptchaError, CatalogError, CredentialError, OperatorGrantError, TokenError, UserDirectoryError,
    },
    problem::{Code, Failure, FieldError, FieldErrors},
};

/// A failure of a use case of this crate.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// Members of the request that are not valid.
    #[error(transparent)]
    Fields(#[from] FieldErrors),
    /// The tenant takes nobody who comes by themselves.
    #[error("sign-up is not open")]
    SignupClosed,
    /// The captcha.
    #[error(transparent)]
    Captcha(#[from] CaptchaError),
    /// Unknown, used or lapsed challenge.
    #[error("the challenge is not valid")]
    ChallengeInvalid,
    /// A wrong code.
    #[error("the code is not valid")]
    CodeInvalid,
    /// The last wrong code that a challenge takes.
    #[error("too many wrong codes")]
    CodeExhausted,
    /// Unknown, used or lapsed token at the end of a sign-up.
    #[error("the sign-up token is not valid")]
    SignupTokenInvalid,
    /// Unknown, used or lapsed link to choose a password.
    #[error("the reset token is not valid")]
    ResetTokenInvalid,
    /// Unknown, used or lapsed link to prove an address.
    #[error("the verification token is not valid")]
    VerificationTokenInvalid,
    /// Another address than the one that was verified.
    #[error("this is not the address that was verified")]
    AddressMismatch,
    /// Unknown account, wrong password, too many failures: one answer.
    #[error("the credentials are not valid")]
    CredentialsInvalid,
    /// Unknown, malformed, lapsed refresh token.
    #[error("the refresh token is not valid")]
    RefreshTokenInvalid,
    /// A refresh token that was used before: its session has ended.
    #[error("the refresh token was used before")]
    RefreshTokenReused,
    /// The sign-in is too long ago for what was asked.
    #[error("a recent sign-in is needed")]
    ReauthenticationRequired,
    /// Somebody signed in showed a wrong password.
    #[error("the password is not correct")]
    PasswordIncorrect,
    /// The second factor is on.
    #[error("the second factor is on already")]
    AlreadyEnabled,
    /// No second factor waits for its confirmation.
    #[error("there is nothing to confirm")]
    NotPending,
    /// Not there, or somebody else's.
    #[error("there is no such thing")]
    NotFound,
    /// A budget is spent.
    #[error("too many attempts; the next one in {retry_after} s")]
    TooMany {
        /// Seconds until the next one.
        retry_after: u64,
    },
    /// Passwords: policy, capacity.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// Tokens and keys.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The catalog, where operators live.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// Leave to act in a tenant.
    #[error(transparent)]
    Grant(#[from] OperatorGrantError),
    /// The directory of users.
    #[error(transparent)]
    Directory(#[from] UserDirectoryError),
    /// A cursor of another list.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Something sealed does not open: another key, or a row that was tampered with.
    #[error("a sealed value of {0} does not open")]
    Sealed(&'static str),
}

impl From<FieldError> for AuthError {
    fn from(error: FieldError) -> Self {
        Self::Fields(error.into())
    }
}

impl Failure for AuthError {
    fn code(&self) -> Code {
        match self {
            Self::Fields(fields) => fields.code(),
            Self::SignupClosed => Code::SignupClosed,
            Self::Captcha(error) => error.code(),
            Self::ChallengeInvalid => Code::ChallengeInvalid,
            Self::CodeInvalid => Code::OtpInvalid,
            Self::CodeExhausted => Code::OtpExhausted,
            Self::SignupTokenInvalid => Code::SignupTokenInvalid,
            Self::ResetTokenInvalid => Code::ResetTokenInvalid,
            Self::VerificationTokenInvalid => Code::VerificationTokenInvalid,
            Self::AddressMismatch => Code::AddressMismatch,
            Self::CredentialsInvalid => Code::CredentialsInvalid,
            Self::RefreshTokenInvalid => Code::RefreshTokenInvalid,
            Self::RefreshTokenReused => Code::RefreshTokenReused,
            Self::ReauthenticationRequired => Code::ReauthenticationRequired,
            Self::PasswordIncorrect => Code::PasswordIncorrect,
            Self::AlreadyEnabled => Code::AlreadyEnabled,
            Self::NotPending => Code::NotPending,
            Self::NotFound => Code::NotFound,
            Self::TooMany { .. } => Code::RateLimited,
            Self::Credential(error) => error.code(),
            Self::Token(error) => error.code(),
            Self::Catalog(error) => error.code(),
            Self::Grant(error) => error.code(),
            Self::Directory(error) => error.code(),
            Self::Cursor(error) => error.code(),
            Self::Db(error) => error.code(),
            Self::Sealed(_) => Code::InternalError,
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Fields(fields) => fields.fields(),
            Self::Credential(error) => error.fields(),
            Self::Grant(error) => error.fields(),
            _ => &[],
        }
    }

    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooMany { retry_after } => Some(*retry_after),
            _ => (self.code().status() == 503).then_some(1),
        }
    }
}
