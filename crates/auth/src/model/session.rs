//! A signed-in device.

use std::net::IpAddr;

use ouvira_common::{id::SessionId, time::Timestamp};

/// A live session as its user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The `sid` of its tokens.
    pub id: SessionId,
    /// Whether it is the one that asks.
    pub current: bool,
    /// When its user signed in there.
    pub created_at: Timestamp,
    /// When its tokens were last renewed.
    pub last_used_at: Timestamp,
    /// When it ends if nothing happens.
    pub expires_at: Timestamp,
    /// The address it was last seen at.
    pub ip: Option<IpAddr>,
    /// Its program, as it names itself.
    pub user_agent: Option<String>,
    /// What people call the device.
    pub device: Option<String>,
    /// How its user proved who they are (RFC 8176).
    pub amr: Vec<String>,
}

/// Why a session ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndReason {
    /// Its user signed out there.
    Logout,
    /// Its user ended it from another device.
    Ended,
    /// A refresh token was used a second time.
    RefreshReused,
    /// The password was changed.
    PasswordChanged,
    /// The second factor went off.
    FactorChanged,
    /// Another domain ended all of a user's: deactivated, deleted.
    Account,
}

impl EndReason {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::Ended => "ended",
            Self::RefreshReused => "refresh_reused",
            Self::PasswordChanged => "password_changed",
            Self::FactorChanged => "factor_changed",
            Self::Account => "account",
        }
    }
}
