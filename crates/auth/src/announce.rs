//! Telling people what happened to their account: a notice in their list and a message to where they can be reached.

use chrono::SecondsFormat;
use ouvira_common::{
    db::Tx,
    messages::Message,
    ports::{Notice, Person},
    text::Address,
};
use serde_json::Value;

use crate::{Auth, model::device_label};

/// What happened, and where its texts are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Announcement {
    /// The kind of the notice.
    pub(crate) notice: &'static str,
    /// The template of the message.
    pub(crate) template: &'static str,
    /// Where in the app one does something about it.
    pub(crate) path: &'static str,
}

impl Auth {
    /// Tells `person`, with when and from where it came; `data` goes with the notice and into the message.
    pub(crate) fn announce(&self, tx: &mut Tx, person: &Person, what: Announcement, data: Value) {
        self.announce_at(tx, reachable(person), person, what, data);
    }

    /// The same with the message to an address that `person` has or had.
    pub(crate) fn announce_at(
        &self,
        tx: &mut Tx,
        to: Option<Address>,
        person: &Person,
        what: Announcement,
        data: Value,
    ) {
        if let Some(to) = to {
            self.send_announcement(tx, to, person, what, &data);
        }
        self.notifier.notify(tx, Notice { user: person.id, kind: what.notice, data });
    }

    fn send_announcement(&self, tx: &mut Tx, to: Address, person: &Person, what: Announcement, data: &Value) {
        let origin = tx.context().origin();
        let mut message = Message::new(to, person.locale, what.template)
            .with("at", tx.now().to_rfc3339_opts(SecondsFormat::Secs, true))
            .with("ip", origin.ip.map(|ip| ip.to_string()))
            .with("device", device_label(origin.user_agent.as_deref()))
            .with("link", format!("{}{}", self.config.app_url, what.path));
        message.data.extend(data.as_object().cloned().unwrap_or_default());
        tx.send_message(&*self.entropy, message);
    }
}

/// Where messages about somebody's account go: nowhere but to an address they proved to be theirs, mail before SMS.
pub(crate) fn reachable(person: &Person) -> Option<Address> {
    let email = person.email.clone().filter(|_| person.email_verified).map(Address::Email);
    email.or_else(|| person.phone.clone().filter(|_| person.phone_verified).map(Address::Phone))
}
