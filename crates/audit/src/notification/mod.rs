//! Notices to users: put into their list, mailed to who wants that.

mod deliver;
mod list;
mod live;
mod mark_read;
mod preferences;
mod store;
mod stream;
mod texts;
mod ticket;

use ouvira_common::{locale::Locale, time::Timestamp};
use serde_json::Value;
use uuid::Uuid;

pub use deliver::{DeliverNotices, NotificationCreated, StreamHints};
pub use live::Live;
pub use mark_read::Marked;
pub use preferences::{Preference, Preferences};
pub use stream::{NotificationStream, Told};
pub use ticket::StreamTicket;

pub(crate) use store::insert;

/// A notice in a user's list.
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    /// `UUIDv7`.
    pub id: Uuid,
    /// Such as `company.joined`.
    pub kind: String,
    /// Values for the texts.
    pub data: Value,
    /// When its user marked it read.
    pub read_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Notification {
    /// Title and body in a language; the body may be empty.
    pub fn text(&self, locale: Locale) -> (String, String) {
        texts::text_of(&self.kind, &self.data, locale)
    }
}
