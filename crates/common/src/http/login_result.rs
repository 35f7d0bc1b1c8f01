//! What a sign-in answers on the wire, whichever domain it happened in.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::UserView;
use crate::{
    db::SessionScope,
    ports::{IssuedTokens, Person},
    time::Timestamp,
};

/// The one way to show an access token (RFC 6750).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub enum TokenType {
    /// `Authorization: Bearer …`
    #[default]
    Bearer,
}

/// A pair of tokens (RFC 6749 §5.1).
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TokenPairView {
    /// To be shown with each request.
    pub access_token: String,
    /// For the next pair; good once.
    pub refresh_token: String,
    /// How the access token is shown.
    pub token_type: TokenType,
    /// Seconds the access token lives.
    pub expires_in: u64,
    /// Seconds the refresh token lives when it is not used.
    pub refresh_expires_in: u64,
}

impl From<&IssuedTokens> for TokenPairView {
    fn from(tokens: &IssuedTokens) -> Self {
        Self {
            access_token: tokens.access_token.expose().to_owned(),
            refresh_token: tokens.refresh_token.expose().to_owned(),
            token_type: TokenType::Bearer,
            expires_in: tokens.expires_in,
            refresh_expires_in: tokens.refresh_expires_in,
        }
    }
}

/// A second factor that may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// A time-based code.
    Totp,
    /// One of the backup codes.
    BackupCode,
}

/// How a sign-in that was not refused went on.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum LoginResultView {
    /// Signed in.
    Authenticated {
        /// To be shown with each request.
        access_token: String,
        /// For the next pair; good once.
        refresh_token: String,
        /// How the access token is shown.
        token_type: TokenType,
        /// Seconds the access token lives.
        expires_in: u64,
        /// Seconds the refresh token lives when it is not used.
        refresh_expires_in: u64,
        /// Who signed in.
        user: Box<UserView>,
    },
    /// The password was right; the second factor comes next.
    TwoFactorRequired {
        /// Names the login in the next call.
        challenge_id: Uuid,
        /// What may be shown.
        methods: Vec<SecondFactor>,
        /// When the login lapses.
        expires_at: Timestamp,
    },
    /// The tenant wants a second factor of everybody: tokens that are good for enrolling one, and for logging out.
    TwoFactorSetupRequired {
        /// To be shown with each request.
        access_token: String,
        /// For the next pair, the full one once the factor is confirmed.
        refresh_token: String,
        /// How the access token is shown.
        token_type: TokenType,
        /// Seconds the access token lives.
        expires_in: u64,
        /// Seconds the refresh token lives when it is not used.
        refresh_expires_in: u64,
    },
}

impl LoginResultView {
    /// `person` was signed in with `tokens`, perhaps only as far as enrolling a second factor.
    pub fn signed_in(tokens: &IssuedTokens, person: &Person) -> Self {
        match tokens.scope {
            SessionScope::Full => {
                let TokenPairView { access_token, refresh_token, token_type, expires_in, refresh_expires_in } =
                    tokens.into();
                let user = Box::new(person.into());
                Self::Authenticated {
                    access_token,
                    refresh_token,
                    token_type,
                    expires_in,
                    refresh_expires_in,
                    user,
                }
            }
            SessionScope::Enrol => Self::setup_required(tokens),
        }
    }

    /// Somebody was signed in as far as enrolling a second factor.
    pub fn setup_required(tokens: &IssuedTokens) -> Self {
        let TokenPairView { access_token, refresh_token, token_type, expires_in, refresh_expires_in } =
            tokens.into();
        Self::TwoFactorSetupRequired {
            access_token,
            refresh_token,
            token_type,
            expires_in,
            refresh_expires_in,
        }
    }
}
