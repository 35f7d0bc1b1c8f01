//! What goes over the wire.

use apistos::ApiComponent;
use ouvira_common::{
    http::{SecondFactor, TokenPairView, TokenType},
    id::OperatorId,
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::{OperatorLoginOutcome, SignedInAs};

/// A person who runs the platform.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Operator")]
pub(super) struct OperatorView {
    id: OperatorId,
    /// What they sign in with.
    email: String,
}

/// How an operator's sign-in that was not refused went on.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[serde(tag = "status", rename_all = "snake_case")]
#[schemars(rename = "OperatorLoginResult")]
pub(super) enum OperatorLoginResultView {
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
        operator: OperatorView,
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
    /// Operators need a second factor in production: tokens that are good for enrolling one, and for logging out.
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

impl From<OperatorLoginOutcome> for OperatorLoginResultView {
    fn from(outcome: OperatorLoginOutcome) -> Self {
        let pair = |signed_in: &SignedInAs| TokenPairView::from(&signed_in.tokens);
        match outcome {
            OperatorLoginOutcome::Authenticated(signed_in) => {
                let TokenPairView { access_token, refresh_token, token_type, expires_in, refresh_expires_in } =
                    pair(&signed_in);
                let operator = OperatorView { id: signed_in.operator, email: signed_in.email };
                Self::Authenticated {
                    access_token,
                    refresh_token,
                    token_type,
                    expires_in,
                    refresh_expires_in,
                    operator,
                }
            }
            OperatorLoginOutcome::SecondFactorRequired(challenge) => Self::TwoFactorRequired {
                challenge_id: challenge.id.0,
                methods: vec![SecondFactor::Totp, SecondFactor::BackupCode],
                expires_at: challenge.expires_at,
            },
            OperatorLoginOutcome::SetupRequired(signed_in) => {
                let TokenPairView { access_token, refresh_token, token_type, expires_in, refresh_expires_in } =
                    pair(&signed_in);
                Self::TwoFactorSetupRequired {
                    access_token,
                    refresh_token,
                    token_type,
                    expires_in,
                    refresh_expires_in,
                }
            }
        }
    }
}

/// A token for the routes of one tenant.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "OperatorGrant")]
pub(super) struct GrantView {
    /// To be shown with each request to the tenant. There is none to refresh it.
    pub(super) access_token: String,
    /// How it is shown.
    pub(super) token_type: TokenType,
    /// Seconds it lives.
    pub(super) expires_in: u64,
}
