//! The events this domain publishes. They carry ids and no personal data: whoever handles one reads what is true then.

use ouvira_common::{id::UserId, outbox::PublishedEvent, published_event};

/// Those that webhooks may hear of; that somebody is to be mailed a link is between ourselves.
pub const EVENTS: &[PublishedEvent] = &[
    UserCreated::PUBLISHED,
    UserUpdated::PUBLISHED,
    UserDeactivated::PUBLISHED,
    UserReactivated::PUBLISHED,
    UserDeleted::PUBLISHED,
];

published_event!(
    /// A user began.
    UserCreated = "user.created.v1" {
        /// The user.
        user_id: UserId,
    }
);
published_event!(
    /// Somebody without any verified address was written down, or their address corrected: they are to be mailed a link
    /// with which they set a password and so prove the address. The address is the one the user has when this is handled.
    UserInvited = "user.invited_to_set_password.v1" {
        /// The user.
        user_id: UserId,
    }
);
published_event!(
    /// Names, language, time zone or an address changed.
    UserUpdated = "user.updated.v1" {
        /// The user.
        user_id: UserId,
    }
);
published_event!(
    /// A user was switched off.
    UserDeactivated = "user.deactivated.v1" {
        /// The user.
        user_id: UserId,
    }
);
published_event!(
    /// A user was switched on again.
    UserReactivated = "user.reactivated.v1" {
        /// The user.
        user_id: UserId,
    }
);
published_event!(
    /// A user was deleted.
    UserDeleted = "user.deleted.v1" {
        /// The user.
        user_id: UserId,
    }
);
