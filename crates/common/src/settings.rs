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

/// How often things may be done at a tenant, where that differs from everywhere else; `None` is as everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "http", derive(schemars::JsonSchema))]
pub struct RateLimits {
    /// Logins a minute with one identifier from one address.
    pub login_per_minute: Option<u32>,
    /// Refreshes a minute of one session.
    pub refresh_per_minute: Option<u32>,
    /// Calls a day of one signed-in user.
    pub user_per_day: Option<u32>,
}

/// How many of something a tenant may have; `None` is without end. What is beyond a quota that was lowered stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "http", derive(schemars::JsonSchema))]
pub struct Quotas {
    /// Users that are not deleted.
    pub users: Option<u32>,
    /// Companies that are not deleted.
    pub companies: Option<u32>,
    /// Members of one company.
    pub members_per_company: Option<u32>,
    /// Invitations that can still be accepted.
    pub pending_invitations: Option<u32>,
    /// Roles of the tenant's own.
    pub roles: Option<u32>,
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
    /// For how many days rows of the logs are kept that are written from now on: 90, 365 or 2557.
    pub audit_retention_days: u16,
    /// Everybody needs a second factor.
    pub require_two_factor: bool,
    /// Shortest password, in characters after NFC; 8 to 64.
    pub password_min_length: u8,
    /// Minutes a session may rest before it ends; sliding.
    pub session_idle_minutes: u32,
    /// Minutes after which a session ends whatever happens.
    pub session_absolute_minutes: u32,
    /// How often things may be done.
    pub rate_limits: RateLimits,
    /// How many of something there may be.
    pub quotas: Quotas,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            signup: SignupPolicy::Open,
            locale: Locale::En,
            timezone: "UTC".to_owned(),
            audit_retention_days: 365,
            require_two_factor: false,
            password_min_length: 8,
            session_idle_minutes: 30 * 24 * 60,
            session_absolute_minutes: 90 * 24 * 60,
            rate_limits: RateLimits::default(),
            quotas: Quotas::default(),
        }
    }
}
