//! Reading what was done in the tenant, or in the companies that the caller may look into.

use std::collections::HashSet;

use ouvira_common::{
    context::RequestContext,
    db::{DbError, Tx},
    id::{CompanyId, UserId},
    page::{Page, PageRequest},
    ports::{Activity, AuditSink as _, Changes, Denied, Person, Visible},
    principal::PrincipalKind,
    time::Timestamp,
};
use serde::Serialize;
use uuid::Uuid;

use crate::{Audit, AuditError, model::ActivityRecord, permission::AUDIT_READ, store};

/// In which order a log is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The newest first.
    #[default]
    Newest,
    /// As it happened.
    Oldest,
}

/// Whether a log is read as usual; the order is in the log of who reads otherwise.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde gives")]
fn is_usual(order: &Order) -> bool {
    *order == Order::Newest
}

/// Which activities, and in which order; all that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ActivityFilter {
    /// This one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub to: Option<Timestamp>,
    /// Of this kind of actor.
    pub actor_kind: Option<PrincipalKind>,
    /// Of this actor.
    pub actor_id: Option<Uuid>,
    /// Of this name.
    pub action: Option<String>,
    /// On this kind of object.
    pub object_kind: Option<String>,
    /// On this object.
    pub object_id: Option<Uuid>,
    /// In this company.
    pub company: Option<CompanyId>,
    /// In this order.
    #[serde(skip_serializing_if = "is_usual")]
    pub order: Order,
}

impl ActivityFilter {
    pub(crate) fn checked(&self) -> Result<&Self, AuditError> {
        not_backwards(self.from, self.to)?;
        if !self.action.as_deref().is_none_or(is_dotted) {
            return Err(AuditError::NoName { parameter: "action" });
        }
        if !self.object_kind.as_deref().is_none_or(is_word) {
            return Err(AuditError::NoName { parameter: "object_type" });
        }
        Ok(self)
    }
}

pub(crate) fn not_backwards(from: Option<Timestamp>, to: Option<Timestamp>) -> Result<(), AuditError> {
    match (from, to) {
        (Some(from), Some(to)) if from >= to => Err(AuditError::EmptyRange),
        _ => Ok(()),
    }
}

/// Whether actions and events can have that name: `<object type>.<verb>`.
pub(crate) fn is_dotted(name: &str) -> bool {
    name.split_once('.').is_some_and(|(object, verb)| is_word(object) && is_word(verb))
}

/// Whether kinds of objects can have that name.
fn is_word(name: &str) -> bool {
    (1..=100).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

impl Audit {
    /// Activities of the tenant that match, the newest first, as far as the caller holds `audit.read`: in the whole
    /// tenant, or in some companies. Having read them is logged (L0).
    pub async fn list_activity(
        &self,
        ctx: &RequestContext,
        filter: &ActivityFilter,
        page: &PageRequest,
    ) -> Result<Page<ActivityRecord>, AuditError> {
        let filter = filter.checked()?;
        let after = page.position()?;
        self.db
            .write(ctx, async |tx| {
                let reach = self.reach(tx).await?;
                let found = self.page_of_activity(tx, filter, &reach, after, page).await?;
                let read = Activity::new("activity_log.read", "activity_log", Uuid::nil())
                    .company(filter.company)
                    .changes(Changes::new().public("filter", None, Some(filter)));
                self.recorder.record(tx, read);
                Ok(found)
            })
            .await
    }

    /// Where the caller may read logs; refused when that is nowhere.
    pub(crate) async fn reach(&self, tx: &mut Tx) -> Result<Visible, AuditError> {
        match self.rights.visible(tx, &AUDIT_READ).await? {
            Visible::Ids(companies) if companies.is_empty() => Err(Denied::Missing(AUDIT_READ.code).into()),
            reach => Ok(reach),
        }
    }

    pub(crate) async fn page_of_activity(
        &self,
        tx: &mut Tx,
        filter: &ActivityFilter,
        reach: &Visible,
        after: Option<Uuid>,
        page: &PageRequest,
    ) -> Result<Page<ActivityRecord>, AuditError> {
        let rows = store::activities(tx, filter, reach, after, page.limit).await?;
        let mut found = Page::from_rows(rows, page.limit, |record| record.entry.head.id);
        self.name_actors(tx, &mut found.items).await?;
        if page.count {
            found.total = Some(store::count_activities(tx, filter, reach).await?);
        }
        Ok(found)
    }

    /// Puts in what the actors are called today.
    pub(crate) async fn name_actors<'a>(
        &self,
        tx: &mut Tx,
        records: impl IntoIterator<Item = &'a mut ActivityRecord>,
    ) -> Result<(), DbError> {
        let mut of_users: Vec<(UserId, &mut ActivityRecord)> = records
            .into_iter()
            .filter_map(|record| Some((record.entry.head.actor.user_id()?, record)))
            .collect();
        let users: HashSet<UserId> = of_users.iter().map(|(user, _)| *user).collect();
        if users.is_empty() {
            return Ok(());
        }
        let people = self.users.get(tx, &users.into_iter().collect::<Vec<_>>()).await?;
        for (user, record) in &mut of_users {
            record.actor_label = people.get(user).map(Person::label);
        }
        Ok(())
    }
}
