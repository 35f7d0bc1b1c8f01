//! What every domain tells the audit log, inside the transaction that it records.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    db::Tx,
    id::{CompanyId, UserId},
};

/// The thing that was acted on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRef {
    /// Singular resource name, such as `company`.
    pub kind: &'static str,
    /// Its id.
    pub id: Uuid,
    /// What people call it; personal for users.
    pub label: Option<String>,
}

/// One changed field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Sealed as it is.
    Public {
        /// Before; null when it began.
        from: Value,
        /// After; null when it ended.
        to: Value,
    },
    /// About a person: kept and hashed apart with a salt, so that it can be erased.
    Personal {
        /// Before.
        from: Value,
        /// After.
        to: Value,
    },
    /// A secret changed; its values are not here to be logged.
    Redacted,
}

/// The changed fields of an activity. A secret has no way in but [`Changes::secret`], which takes no value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes(pub BTreeMap<&'static str, Change>);

impl Changes {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A field anybody with the log may keep; unchanged ones are left out.
    #[must_use]
    pub fn public<T: Serialize>(self, field: &'static str, from: Option<T>, to: Option<T>) -> Self {
        self.insert(field, from, to, |from, to| Change::Public { from, to })
    }

    /// A field about a person.
    #[must_use]
    pub fn personal<T: Serialize>(self, field: &'static str, from: Option<T>, to: Option<T>) -> Self {
        self.insert(field, from, to, |from, to| Change::Personal { from, to })
    }

    /// A secret changed.
    #[must_use]
    pub fn secret(mut self, field: &'static str) -> Self {
        self.0.insert(field, Change::Redacted);
        self
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn insert<T: Serialize>(
        mut self,
        field: &'static str,
        from: Option<T>,
        to: Option<T>,
        change: impl Fn(Value, Value) -> Change,
    ) -> Self {
        let value = |side: Option<T>| serde_json::to_value(side).expect("a logged field is plain data");
        let (from, to) = (value(from), value(to));
        if from != to {
            self.0.insert(field, change(from, to));
        }
        self
    }
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// `<object kind>.<verb in the past>`, such as `company.created`.
    pub action: &'static str,
    /// On what.
    pub object: ObjectRef,
    /// In which company.
    pub company: Option<CompanyId>,
    /// What changed.
    pub changes: Changes,
}

impl Activity {
    /// An activity without company or changes.
    pub fn new(action: &'static str, kind: &'static str, id: Uuid) -> Self {
        Self { action, object: ObjectRef { kind, id, label: None }, company: None, changes: Changes::new() }
    }

    /// What people call the object.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.object.label = Some(label.into());
        self
    }

    /// In which company.
    #[must_use]
    pub fn company(mut self, company: impl Into<Option<CompanyId>>) -> Self {
        self.company = company.into();
        self
    }

    /// What changed.
    #[must_use]
    pub fn changes(mut self, changes: Changes) -> Self {
        self.changes = changes;
        self
    }
}

/// How a security event went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It worked.
    Success,
    /// It was refused.
    Failure,
}

impl Outcome {
    /// The name in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

/// Something that concerns an account's security (ASVS V16).
#[derive(Debug, Clone, PartialEq)]
pub struct SecurityEvent {
    /// Such as `login.failed`.
    pub event: &'static str,
    /// How it went.
    pub outcome: Outcome,
    /// Whose account; `None` when there is none.
    pub user: Option<UserId>,
    /// More, without secrets and without personal data.
    pub details: Value,
}

/// Keeps the logs. Implemented by audit; rows are deferred and so cost no round trip.
pub trait AuditSink: Send + Sync {
    /// Writes an activity of the transaction's principal.
    fn record(&self, tx: &mut Tx, activity: Activity);

    /// Writes a security event.
    fn security(&self, tx: &mut Tx, event: SecurityEvent);
}

/// A notice to a user.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// To whom.
    pub user: UserId,
    /// Such as `company.joined`; its texts are made for the reader.
    pub kind: &'static str,
    /// Values for the texts.
    pub data: Value,
}

/// Tells users things. Implemented by audit.
pub trait Notifier: Send + Sync {
    /// Puts a notice into the user's list, in the same transaction.
    fn notify(&self, tx: &mut Tx, notice: Notice);
}
