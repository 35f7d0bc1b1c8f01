//! What goes with a new password.

use ouvira_common::{
    db::Tx,
    id::SessionId,
    ports::{Activity, Changes, HashedPassword, Outcome, Person, SecurityEvent},
};
use serde_json::json;

use super::CHANGED;
use crate::{
    Auth,
    event::PasswordChanged,
    model::{EndReason, TokenPurpose},
    store::{credentials, login_challenges, one_time_tokens, sessions},
};

/// By what right a password is replaced.
#[derive(Debug, Clone, Copy)]
pub(super) enum How {
    /// Its owner gave the former one, in a session that stays.
    Changed { keep: SessionId },
    /// Somebody has a link that was sent to its owner.
    Reset,
}

impl Auth {
    /// Gives `person` another password. What began with the former one ends: sessions, logins that wait for a second factor,
    /// other links to choose a password. All deferred; the password's row is locked first, so a login that is just going
    /// through is among what ends.
    pub(super) fn replace_password(&self, tx: &mut Tx, person: &Person, password: &HashedPassword, how: How) {
        let (event, keep) = match how {
            How::Changed { keep } => ("password.changed", Some(keep)),
            How::Reset => ("password.reset", None),
        };
        credentials::put_password(tx, person.id, password);
        login_challenges::void(tx, person.id);
        one_time_tokens::void(tx, person.id, TokenPurpose::PasswordReset);
        sessions::end_all(tx, person.id, keep, EndReason::PasswordChanged);
        let event =
            SecurityEvent { event, outcome: Outcome::Success, user: Some(person.id), details: json!({}) };
        self.audit.security(tx, event);
        let changes = Changes::new().secret("password");
        self.audit.record(tx, Activity::new("user.password_changed", "user", person.id.0).changes(changes));
        tx.publish(&PasswordChanged { user_id: person.id });
        self.announce(tx, person, CHANGED, json!({}));
    }
}
