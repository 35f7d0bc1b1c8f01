//! What a log holds, as it is hashed and as it is read.

use std::collections::BTreeMap;

use ouvira_common::{
    context::Pass,
    id::{CompanyId, UserId},
    ports::{Change, Changes, Outcome},
    principal::Principal,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{canonical::storable, fingerprint::Hash};

/// How long a row is kept; decided when it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Retention {
    /// 90 days.
    NinetyDays,
    /// 365 days.
    #[default]
    OneYear,
    /// 2557 days.
    SevenYears,
}

impl Retention {
    /// All of them, the shortest first.
    pub const ALL: [Self; 3] = [Self::NinetyDays, Self::OneYear, Self::SevenYears];

    /// In days.
    pub const fn days(self) -> i16 {
        match self {
            Self::NinetyDays => 90,
            Self::OneYear => 365,
            Self::SevenYears => 2557,
        }
    }

    /// The class that a tenant's setting names; the default for a number that is none.
    pub(crate) fn chosen(days: u16) -> Self {
        i16::try_from(days).ok().and_then(Self::of_days).unwrap_or_default()
    }

    /// The class of that many days.
    pub fn of_days(days: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.days() == days)
    }
}

/// What let the actor in, when it was not a session of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via {
    /// `open`, `grant`, `job` or `provisioning`.
    pub kind: String,
    /// The grant or the job.
    pub id: Option<Uuid>,
}

impl Via {
    /// `None` for a session: then the actor says it all.
    pub fn of(pass: Pass) -> Option<Self> {
        match pass {
            Pass::Session { .. } => None,
            other => {
                Some(Self { kind: other.as_str().to_owned(), id: Some(other.id()).filter(|id| !id.is_nil()) })
            }
        }
    }
}

/// The public fields that every log row has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// `UUIDv7`.
    pub id: Uuid,
    /// When the request began.
    pub at: Timestamp,
    /// How long the row is kept.
    pub retention: Retention,
    /// Who did it.
    pub actor: Principal,
    /// On whose leave.
    pub via: Option<Via>,
    /// `X-Request-Id`.
    pub request_id: String,
}

/// The public part of an activity.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityEntry {
    /// Who, when.
    pub head: Head,
    /// `<object kind>.<verb in the past>`.
    pub action: String,
    /// Singular resource name.
    pub object_kind: String,
    /// Its id; nil for a collection that was read.
    pub object_id: Uuid,
    /// In which company.
    pub company: Option<CompanyId>,
    /// By field: `{from, to}`, or `{"redacted": true}` for a secret, or `{"personal": true}` for what is in the personal
    /// part.
    pub changes: Value,
}

/// The public part of a security event.
#[derive(Debug, Clone, PartialEq)]
pub struct SecurityEntry {
    /// Who, when.
    pub head: Head,
    /// Such as `login.failed`.
    pub event: String,
    /// How it went.
    pub outcome: Outcome,
    /// Whose account.
    pub user: Option<UserId>,
    /// More.
    pub details: Value,
}

/// A field before and after.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FromTo {
    /// Before.
    pub from: Value,
    /// After.
    pub to: Value,
}

/// What concerns a person: hashed with a salt of its own, and erasable.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonalPart {
    /// What people call the object.
    pub object_label: Option<String>,
    /// Changed fields about a person.
    pub changes: BTreeMap<String, FromTo>,
    /// The client's address.
    pub ip: Option<String>,
    /// `User-Agent`.
    pub user_agent: Option<String>,
}

/// An activity as it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityRecord {
    /// The public part.
    pub entry: ActivityEntry,
    /// The personal part, unless it was erased.
    pub personal: Option<PersonalPart>,
    /// What the actor is called today, when it is a user that is still there.
    pub actor_label: Option<String>,
}

/// An activity with what its hashes can be made again from.
#[derive(Debug, Clone, PartialEq)]
pub struct SealableActivity {
    /// The activity.
    pub record: ActivityRecord,
    /// The personal part as it was hashed, unless it was erased.
    pub personal: Option<Value>,
    /// Its salt, unless it was erased.
    pub salt: Option<Vec<u8>>,
    /// The hash of both.
    pub personal_hash: Hash,
}

/// A security event as it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct SecurityRecord {
    /// The public part.
    pub entry: SecurityEntry,
    /// The personal part, unless it was erased.
    pub personal: Option<PersonalPart>,
}

/// One changed field as it is shown. Both values are null when they are not shown: a secret, or erased.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ShownChange {
    /// The values.
    pub values: FromTo,
    /// Whether they are withheld.
    pub redacted: bool,
}

impl ActivityRecord {
    /// The changed fields, public and personal ones together.
    pub fn changes(&self) -> BTreeMap<String, ShownChange> {
        let Some(fields) = self.entry.changes.as_object() else { return BTreeMap::new() };
        fields.iter().map(|(field, change)| (field.clone(), self.shown(field, change))).collect()
    }

    fn shown(&self, field: &str, change: &Value) -> ShownChange {
        let values = if change.get("personal").is_some() {
            self.personal.as_ref().and_then(|personal| personal.changes.get(field)).cloned()
        } else {
            serde_json::from_value(change.clone()).ok()
        };
        ShownChange { redacted: values.is_none(), values: values.unwrap_or_default() }
    }
}

/// Splits changed fields into the public document and the personal fields.
pub(crate) fn split(changes: Changes) -> (Value, BTreeMap<String, FromTo>) {
    let mut public = Map::new();
    let mut personal = BTreeMap::new();
    for (field, change) in changes.0 {
        let shown = match change {
            Change::Public { from, to } => json!({"from": storable(from), "to": storable(to)}),
            Change::Redacted => json!({"redacted": true}),
            Change::Personal { from, to } => {
                personal.insert(field.to_owned(), FromTo { from: storable(from), to: storable(to) });
                json!({"personal": true})
            }
        };
        public.insert(field.to_owned(), shown);
    }
    (Value::Object(public), personal)
}
