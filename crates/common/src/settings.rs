//! Settings of a tenant. They live in the tenant's own database; a missing member has its default.

use serde::{Deserialize, Serialize};

use crate::locale::Locale;

/// Who may sign up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "http", derive(schemars::JsonSchema))]
pub enum SignupPolicy {
    /// Anybody.
    #[default]
    Open,
    /// Only who was invited.
    Invitation,
    /// Nobody; administrators create users.
    Closed,
}

/// What a tenant decided for itself (T10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "http", derive(schemars::JsonSchema))]
pub struct TenantSettings {
    /// Who may sign up.
    pub signup: SignupPolicy,
    /// Language of people who have none of their own.
    pub locale: Locale,
    /// IANA time zone.
    pub timezone: String,
    /// Everybody needs a second factor.
    pub require_two_factor: bool,
    /// Shortest password, in characters after NFC; 8 to 64.
    pub password_min_length: u8,
    /// Minutes a session may rest before it ends; sliding.
    pub session_idle_minutes: u32,
    /// Minutes after which a session ends whatever happens.
    pub session_absolute_minutes: u32,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            signup: SignupPolicy::Open,
            locale: Locale::En,
            timezone: "UTC".to_owned(),
            require_two_factor: false,
            password_min_length: 8,
            session_idle_minutes: 30 * 24 * 60,
            session_absolute_minutes: 90 * 24 * 60,
        }
    }
}
