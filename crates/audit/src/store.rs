//! The two logs.

use std::collections::HashMap;

use diesel::{dsl::count_star, pg::Pg, prelude::*};
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx},
    id::{CompanyId, UserId},
    page::Limit,
    ports::{Outcome, Visible},
    principal::{Principal, PrincipalKind},
    time::Timestamp,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    fingerprint::{Document, Hash, personal_hash},
    list_activity::{ActivityFilter, Order},
    list_security::SecurityFilter,
    model::{
        ActivityEntry, ActivityRecord, Head, Retention, SealableActivity, SecurityEntry, SecurityRecord, Via,
    },
    recorder::Sealable,
    schema::{activity_log, security_log},
    seal::Log,
};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = activity_log, treat_none_as_default_value = false)]
struct ActivityRow {
    id: Uuid,
    at: Timestamp,
    retention_days: i16,
    actor_kind: String,
    actor_id: Uuid,
    via: Option<String>,
    via_id: Option<Uuid>,
    action: String,
    object_kind: String,
    object_id: Uuid,
    company_id: Option<CompanyId>,
    changes: Value,
    request_id: String,
    personal: Option<Value>,
    salt: Option<Vec<u8>>,
    public_hash: Vec<u8>,
    personal_hash: Vec<u8>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = security_log, treat_none_as_default_value = false)]
struct SecurityRow {
    id: Uuid,
    at: Timestamp,
    retention_days: i16,
    actor_kind: String,
    actor_id: Uuid,
    via: Option<String>,
    via_id: Option<Uuid>,
    event: String,
    outcome: String,
    user_id: Option<UserId>,
    details: Value,
    request_id: String,
    personal: Option<Value>,
    salt: Option<Vec<u8>>,
    public_hash: Vec<u8>,
    personal_hash: Vec<u8>,
}

/// Writes an activity with the transaction's deferred statements.
pub(crate) fn insert_activity(tx: &mut Tx, entry: ActivityEntry, sealable: Sealable) {
    let (via, via_id) = via_columns(entry.head.via);
    let row = ActivityRow {
        id: entry.head.id,
        at: entry.head.at,
        retention_days: entry.head.retention.days(),
        actor_kind: entry.head.actor.kind.as_str().to_owned(),
        actor_id: entry.head.actor.id,
        via,
        via_id,
        action: entry.action,
        object_kind: entry.object_kind,
        object_id: entry.object_id,
        company_id: entry.company,
        changes: entry.changes,
        request_id: entry.head.request_id,
        personal: Some(sealable.personal),
        salt: Some(sealable.salt.to_vec()),
        public_hash: sealable.public_hash.to_vec(),
        personal_hash: sealable.personal_hash.to_vec(),
    };
    tx.defer(diesel::insert_into(activity_log::table).values(row));
}

/// Writes a security event with the transaction's deferred statements.
pub(crate) fn insert_security(tx: &mut Tx, entry: SecurityEntry, sealable: Sealable) {
    let (via, via_id) = via_columns(entry.head.via);
    let row = SecurityRow {
        id: entry.head.id,
        at: entry.head.at,
        retention_days: entry.head.retention.days(),
        actor_kind: entry.head.actor.kind.as_str().to_owned(),
        actor_id: entry.head.actor.id,
        via,
        via_id,
        event: entry.event,
        outcome: entry.outcome.as_str().to_owned(),
        user_id: entry.user,
        details: entry.details,
        request_id: entry.head.request_id,
        personal: Some(sealable.personal),
        salt: Some(sealable.salt.to_vec()),
        public_hash: sealable.public_hash.to_vec(),
        personal_hash: sealable.personal_hash.to_vec(),
    };
    tx.defer(diesel::insert_into(security_log::table).values(row));
}

fn via_columns(via: Option<Via>) -> (Option<String>, Option<Uuid>) {
    via.map_or((None, None), |via| (Some(via.kind), via.id))
}

/// The smallest `UUIDv7` of the millisecond that `at` is in: ids are sorted by time, so an index over ids serves ranges of
/// time too.
pub(crate) fn first_id_of(at: Timestamp) -> Uuid {
    let millisecond = u128::try_from(at.timestamp_millis()).unwrap_or(0);
    Uuid::from_u128(millisecond << 80)
}

fn selected<'a>(filter: &'a ActivityFilter, reach: &'a Visible) -> activity_log::BoxedQuery<'a, Pg> {
    let mut query = activity_log::table.into_boxed();
    query = match reach {
        Visible::All => query,
        Visible::AllBut(barred) => query
            .filter(activity_log::company_id.is_null().or(activity_log::company_id.ne_all(barred.to_vec()))),
        // Through the company's index in the list's order, which a search for any of several cannot have.
        Visible::Ids(companies) if companies.len() == 1 => {
            query.filter(activity_log::company_id.eq(companies[0]))
        }
        Visible::Ids(companies) => query.filter(activity_log::company_id.eq_any(companies.to_vec())),
    };
    if let Some(id) = filter.id {
        query = query.filter(activity_log::id.eq(id));
    }
    if let Some(from) = filter.from {
        query = query.filter(activity_log::at.ge(from)).filter(activity_log::id.ge(first_id_of(from)));
    }
    if let Some(to) = filter.to {
        let past = first_id_of(to + chrono::Duration::milliseconds(1));
        query = query.filter(activity_log::at.lt(to)).filter(activity_log::id.lt(past));
    }
    if let Some(actor) = filter.actor_kind {
        query = query.filter(activity_log::actor_kind.eq(actor.as_str()));
    }
    if let Some(actor) = filter.actor_id {
        query = query.filter(activity_log::actor_id.eq(actor));
    }
    if let Some(action) = &filter.action {
        query = query.filter(activity_log::action.eq(action));
    }
    if let Some(kind) = &filter.object_kind {
        query = query.filter(activity_log::object_kind.eq(kind));
    }
    if let Some(object) = filter.object_id {
        query = query.filter(activity_log::object_id.eq(object));
    }
    if let Some(company) = filter.company {
        query = query.filter(activity_log::company_id.eq(company));
    }
    query
}

async fn activity_rows(
    tx: &mut Tx,
    filter: &ActivityFilter,
    reach: &Visible,
    after: Option<Uuid>,
    most: i64,
) -> Result<Vec<ActivityRow>, DbError> {
    let mut query = selected(filter, reach);
    query = match (filter.order, after) {
        (_, None) => query,
        (Order::Newest, Some(after)) => query.filter(activity_log::id.lt(after)),
        (Order::Oldest, Some(after)) => query.filter(activity_log::id.gt(after)),
    };
    query = match filter.order {
        Order::Newest => query.order(activity_log::id.desc()),
        Order::Oldest => query.order(activity_log::id.asc()),
    };
    Ok(query.limit(most).select(ActivityRow::as_select()).load(tx).await?)
}

/// Activities that match, in the filter's order.
pub(crate) async fn activities(
    tx: &mut Tx,
    filter: &ActivityFilter,
    reach: &Visible,
    after: Option<Uuid>,
    limit: Limit,
) -> Result<Vec<ActivityRecord>, DbError> {
    let rows = activity_rows(tx, filter, reach, after, limit.probe()).await?;
    rows.into_iter().map(ActivityRecord::try_from).collect()
}

/// The same with what their hashes can be made again from, at most `most`.
pub(crate) async fn sealable_activities(
    tx: &mut Tx,
    filter: &ActivityFilter,
    reach: &Visible,
    after: Option<Uuid>,
    most: i64,
) -> Result<Vec<SealableActivity>, DbError> {
    let rows = activity_rows(tx, filter, reach, after, most).await?;
    rows.into_iter().map(SealableActivity::try_from).collect()
}

/// How many activities match.
pub(crate) async fn count_activities(
    tx: &mut Tx,
    filter: &ActivityFilter,
    reach: &Visible,
) -> Result<i64, DbError> {
    Ok(selected(filter, reach).select(count_star()).get_result(tx).await?)
}

fn selected_events(filter: &SecurityFilter) -> security_log::BoxedQuery<'_, Pg> {
    let mut query = security_log::table.into_boxed();
    if let Some(from) = filter.from {
        query = query.filter(security_log::at.ge(from)).filter(security_log::id.ge(first_id_of(from)));
    }
    if let Some(to) = filter.to {
        let past = first_id_of(to + chrono::Duration::milliseconds(1));
        query = query.filter(security_log::at.lt(to)).filter(security_log::id.lt(past));
    }
    if let Some(user) = filter.user {
        query = query.filter(security_log::user_id.eq(user));
    }
    if let Some(event) = &filter.event {
        query = query.filter(security_log::event.eq(event));
    }
    if let Some(outcome) = filter.outcome {
        query = query.filter(security_log::outcome.eq(outcome.as_str()));
    }
    query
}

/// Security events that match, in the filter's order.
pub(crate) async fn security_events(
    tx: &mut Tx,
    filter: &SecurityFilter,
    after: Option<Uuid>,
    limit: Limit,
) -> Result<Vec<SecurityRecord>, DbError> {
    let query = selected_events(filter);
    let query = match (filter.order, after) {
        (_, None) => query,
        (Order::Newest, Some(after)) => query.filter(security_log::id.lt(after)),
        (Order::Oldest, Some(after)) => query.filter(security_log::id.gt(after)),
    };
    let query = match filter.order {
        Order::Newest => query.order(security_log::id.desc()),
        Order::Oldest => query.order(security_log::id.asc()),
    };
    let rows: Vec<SecurityRow> = query.limit(limit.probe()).select(SecurityRow::as_select()).load(tx).await?;
    rows.into_iter().map(SecurityRecord::try_from).collect()
}

/// How many security events match.
pub(crate) async fn count_security_events(tx: &mut Tx, filter: &SecurityFilter) -> Result<i64, DbError> {
    Ok(selected_events(filter).select(count_star()).get_result(tx).await?)
}

/// A row that the checks of its table do not let in.
fn corrupt(what: &str) -> DbError {
    DbError::Query(diesel::result::Error::DeserializationError(
        format!("a log row has an unknown {what}").into(),
    ))
}

fn principal(kind: &str, id: Uuid) -> Result<Principal, DbError> {
    let kinds =
        [PrincipalKind::User, PrincipalKind::ServiceAccount, PrincipalKind::Operator, PrincipalKind::System];
    let kind = kinds.into_iter().find(|known| known.as_str() == kind).ok_or_else(|| corrupt("actor_kind"))?;
    Ok(Principal { kind, id })
}

fn retention(days: i16) -> Result<Retention, DbError> {
    Retention::of_days(days).ok_or_else(|| corrupt("retention_days"))
}

fn outcome(text: &str) -> Result<Outcome, DbError> {
    [Outcome::Success, Outcome::Failure]
        .into_iter()
        .find(|known| known.as_str() == text)
        .ok_or_else(|| corrupt("outcome"))
}

impl TryFrom<ActivityRow> for ActivityRecord {
    type Error = DbError;

    fn try_from(row: ActivityRow) -> Result<Self, DbError> {
        let head = Head {
            id: row.id,
            at: row.at,
            retention: retention(row.retention_days)?,
            actor: principal(&row.actor_kind, row.actor_id)?,
            via: row.via.map(|kind| Via { kind, id: row.via_id }),
            request_id: row.request_id,
        };
        let entry = ActivityEntry {
            head,
            action: row.action,
            object_kind: row.object_kind,
            object_id: row.object_id,
            company: row.company_id,
            changes: row.changes,
        };
        let personal = row.personal.and_then(|personal| serde_json::from_value(personal).ok());
        Ok(Self { entry, personal, actor_label: None })
    }
}

impl TryFrom<ActivityRow> for SealableActivity {
    type Error = DbError;

    fn try_from(row: ActivityRow) -> Result<Self, DbError> {
        let personal_hash = row.personal_hash.as_slice().try_into().map_err(|_| corrupt("personal_hash"))?;
        let (personal, salt) = (row.personal.clone(), row.salt.clone());
        Ok(Self { record: row.try_into()?, personal, salt, personal_hash })
    }
}

impl TryFrom<SecurityRow> for SecurityRecord {
    type Error = DbError;

    fn try_from(row: SecurityRow) -> Result<Self, DbError> {
        let head = Head {
            id: row.id,
            at: row.at,
            retention: retention(row.retention_days)?,
            actor: principal(&row.actor_kind, row.actor_id)?,
            via: row.via.map(|kind| Via { kind, id: row.via_id }),
            request_id: row.request_id,
        };
        let entry = SecurityEntry {
            head,
            event: row.event,
            outcome: outcome(&row.outcome)?,
            user: row.user_id,
            details: row.details,
        };
        let personal = row.personal.and_then(|personal| serde_json::from_value(personal).ok());
        Ok(Self { entry, personal })
    }
}

/// A row as verifying sees it: its two hashes made again from what is in it, and as they stand beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rehashed {
    pub(crate) at: Timestamp,
    pub(crate) public: Hash,
    /// `None` once the personal part was erased.
    pub(crate) personal: Option<Hash>,
    pub(crate) kept_public: Option<Hash>,
    pub(crate) kept_personal: Option<Hash>,
}

/// What a row has beside its public fields.
struct Beside {
    at: Timestamp,
    personal: Option<Value>,
    salt: Option<Vec<u8>>,
    public_hash: Vec<u8>,
    personal_hash: Vec<u8>,
}

macro_rules! beside {
    ($row:ident) => {
        Beside {
            at: $row.at,
            personal: $row.personal.clone(),
            salt: $row.salt.clone(),
            public_hash: $row.public_hash.clone(),
            personal_hash: $row.personal_hash.clone(),
        }
    };
}

impl Beside {
    fn rehashed(self, entry: &impl Document) -> Rehashed {
        Rehashed {
            at: self.at,
            public: entry.public_hash(),
            personal: self.personal.zip(self.salt).map(|(personal, salt)| personal_hash(&salt, &personal)),
            kept_public: self.public_hash.try_into().ok(),
            kept_personal: self.personal_hash.try_into().ok(),
        }
    }
}

/// Those of the rows that are in the log.
pub(crate) async fn rehash(tx: &mut Tx, log: Log, ids: &[Uuid]) -> Result<HashMap<Uuid, Rehashed>, DbError> {
    match log {
        Log::Activity => {
            let rows: Vec<ActivityRow> = activity_log::table
                .filter(activity_log::id.eq_any(ids))
                .select(ActivityRow::as_select())
                .load(tx)
                .await?;
            let rehashed = |row: ActivityRow| {
                let (id, beside) = (row.id, beside!(row));
                Ok((id, beside.rehashed(&ActivityRecord::try_from(row)?.entry)))
            };
            rows.into_iter().map(rehashed).collect()
        }
        Log::Security => {
            let rows: Vec<SecurityRow> = security_log::table
                .filter(security_log::id.eq_any(ids))
                .select(SecurityRow::as_select())
                .load(tx)
                .await?;
            let rehashed = |row: SecurityRow| {
                let (id, beside) = (row.id, beside!(row));
                Ok((id, beside.rehashed(&SecurityRecord::try_from(row)?.entry)))
            };
            rows.into_iter().map(rehashed).collect()
        }
    }
}
