//! The events this domain publishes. They carry ids and no personal data: whoever handles one reads what is true then.

use ouvira_common::{id::UserId, outbox::OutboxEvent};
use serde::{Deserialize, Serialize};

macro_rules! event {
    ($(#[$doc:meta])* $name:ident = $topic:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// The user.
            pub user_id: UserId,
        }

        impl OutboxEvent for $name {
            const TOPIC: &'static str = $topic;
        }
    };
}

event!(
    /// A user began.
    UserCreated = "user.created.v1"
);
event!(
    /// Somebody without any verified address was written down, or their address corrected: they are to be mailed a link
    /// with which they set a password and so prove the address. The address is the one the user has when this is handled.
    UserInvited = "user.invited_to_set_password.v1"
);
event!(
    /// Names, language, time zone or an address changed.
    UserUpdated = "user.updated.v1"
);
event!(
    /// A user was switched off.
    UserDeactivated = "user.deactivated.v1"
);
event!(
    /// A user was switched on again.
    UserReactivated = "user.reactivated.v1"
);
event!(
    /// A user was deleted.
    UserDeleted = "user.deleted.v1"
);
