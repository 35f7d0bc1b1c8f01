//! The events this domain publishes. They carry ids, and no personal data.

use ouvira_common::{
    id::{SessionId, UserId},
    outbox::PublishedEvent,
    published_event,
};

/// Those that webhooks may hear of; that somebody is to be mailed a link is between ourselves.
pub const EVENTS: &[PublishedEvent] = &[
    PasswordChanged::PUBLISHED,
    SecondFactorEnabled::PUBLISHED,
    SecondFactorDisabled::PUBLISHED,
    SessionCompromised::PUBLISHED,
];

published_event!(
    /// A user has another password, changed or reset; their other sessions ended.
    PasswordChanged = "user.password_changed.v1" {
        /// The user.
        user_id: UserId,
    }
);
published_event!(
    /// A user signs in with a second factor from now on.
    SecondFactorEnabled = "user.second_factor_enabled.v1" {
        /// The user.
        user_id: UserId,
    }
);
published_event!(
    /// A user signs in without a second factor from now on.
    SecondFactorDisabled = "user.second_factor_disabled.v1" {
        /// The user.
        user_id: UserId,
    }
);
published_event!(
    /// A refresh token came back that had been used up: it was stolen, and the session was ended.
    SessionCompromised = "session.compromised.v1" {
        /// Whose session.
        user_id: UserId,
        /// The session.
        session_id: SessionId,
    }
);
