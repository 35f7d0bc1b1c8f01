//! The two hashes of a log row: of its public fields, and of its personal ones with a salt. Together they are its leaf in
//! the tenant's tree; each can be shown without the other.

use chrono::SecondsFormat;
use ouvira_common::time::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    canonical::canonical,
    model::{ActivityEntry, Head, SecurityEntry},
};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// Random bytes that keep a row's personal part from being guessed from its hash.
pub type Salt = [u8; 16];

/// Something with public fields of a fixed form.
pub trait Document {
    /// The public fields as one JSON object. Its form is versioned by the member `v` and never changes for rows that were
    /// written.
    fn document(&self) -> Value;

    /// SHA-256 of the document's canonical form (RFC 8785).
    fn public_hash(&self) -> Hash {
        Sha256::digest(canonical(&self.document())).into()
    }
}

/// SHA-256 of the salt followed by the canonical form of the personal fields.
pub fn personal_hash(salt: &[u8], personal: &Value) -> Hash {
    Sha256::new().chain_update(salt).chain_update(canonical(personal)).finalize().into()
}

impl Document for ActivityEntry {
    fn document(&self) -> Value {
        with_head(
            "activity",
            &self.head,
            json!({
                "action": self.action,
                "object": {"type": self.object_kind, "id": self.object_id},
                "company_id": self.company,
                "changes": self.changes,
            }),
        )
    }
}

impl Document for SecurityEntry {
    fn document(&self) -> Value {
        with_head(
            "security",
            &self.head,
            json!({
                "event": self.event,
                "outcome": self.outcome.as_str(),
                "user_id": self.user,
                "details": self.details,
            }),
        )
    }
}

fn with_head(log: &str, head: &Head, mut document: Value) -> Value {
    document["v"] = json!(1);
    document["log"] = json!(log);
    document["id"] = json!(head.id);
    document["at"] = json!(instant(head.at));
    document["retention_days"] = json!(head.retention.days());
    document["actor"] = json!({"type": head.actor.kind.as_str(), "id": head.actor.id});
    document["via"] = head.via.as_ref().map_or(Value::Null, |via| json!({"type": via.kind, "id": via.id}));
    document["request_id"] = json!(head.request_id);
    document
}

/// RFC 3339 in UTC with all six digits that Postgres keeps.
fn instant(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Retention, Via};
    use chrono::DateTime;
    use ouvira_common::{id::UserId, ports::Outcome, principal::Principal};
    use uuid::Uuid;

    fn head() -> Head {
        Head {
            id: Uuid::from_u128(1),
            at: DateTime::from_timestamp(1_800_000_000, 120_000).unwrap(),
            retention: Retention::OneYear,
            actor: Principal::user(UserId(Uuid::from_u128(2))),
            via: None,
            request_id: "r".to_owned(),
        }
    }

    /// The form is for ever: rows of years ago are checked against it.
    #[test]
    fn the_documents_of_version_one() {
        let activity = ActivityEntry {
            head: head(),
            action: "company.created".to_owned(),
            object_kind: "company".to_owned(),
            object_id: Uuid::from_u128(3),
            company: None,
            changes: json!({"name": {"from": null, "to": "Ada"}}),
        };
        assert_eq!(
            canonical(&activity.document()),
            "{\"action\":\"company.created\",\
             \"actor\":{\"id\":\"00000000-0000-0000-0000-000000000002\",\"type\":\"user\"},\
             \"at\":\"2027-01-15T08:00:00.000120Z\",\
             \"changes\":{\"name\":{\"from\":null,\"to\":\"Ada\"}},\"company_id\":null,\
             \"id\":\"00000000-0000-0000-0000-000000000001\",\"log\":\"activity\",\
             \"object\":{\"id\":\"00000000-0000-0000-0000-000000000003\",\"type\":\"company\"},\
             \"request_id\":\"r\",\"retention_days\":365,\"v\":1,\"via\":null}"
        );
        let security = SecurityEntry {
            head: Head {
                via: Some(Via { kind: "open".to_owned(), id: None }),
                actor: Principal::SYSTEM,
                ..head()
            },
            event: "login.failed".to_owned(),
            outcome: Outcome::Failure,
            user: None,
            details: json!({}),
        };
        assert_eq!(
            canonical(&security.document()),
            "{\"actor\":{\"id\":\"00000000-0000-0000-0000-000000000000\",\"type\":\"system\"},\
             \"at\":\"2027-01-15T08:00:00.000120Z\",\"details\":{},\"event\":\"login.failed\",\
             \"id\":\"00000000-0000-0000-0000-000000000001\",\"log\":\"security\",\"outcome\":\"failure\",\
             \"request_id\":\"r\",\"retention_days\":365,\"user_id\":null,\"v\":1,\
             \"via\":{\"id\":null,\"type\":\"open\"}}"
        );
    }

    #[test]
    fn the_salt_hides_equal_personal_parts() {
        let personal = json!({"ip": "192.0.2.1"});
        assert_ne!(personal_hash(&[1; 16], &personal), personal_hash(&[2; 16], &personal));
    }
}
