//! Reading what concerned the security of accounts.

use ouvira_common::{
    context::RequestContext,
    db::Tx,
    id::UserId,
    page::{Page, PageRequest},
    permission::Scope,
    ports::{Activity, AuditSink as _, Changes, Outcome},
    time::Timestamp,
};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Audit, AuditError,
    list_activity::{Order, is_dotted, not_backwards},
    model::SecurityRecord,
    permission::AUDIT_READ,
    store,
};

/// Which security events, and in which order; all that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SecurityFilter {
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub to: Option<Timestamp>,
    /// Of this user's account.
    pub user: Option<UserId>,
    /// Of this name.
    pub event: Option<String>,
    /// That went like this.
    #[serde(skip)]
    pub outcome: Option<Outcome>,
    /// In this order.
    #[serde(skip)]
    pub order: Order,
}

impl SecurityFilter {
    fn checked(&self) -> Result<(), AuditError> {
        not_backwards(self.from, self.to)?;
        if self.event.as_deref().is_none_or(is_dotted) {
            Ok(())
        } else {
            Err(AuditError::NoName { parameter: "event" })
        }
    }
}

impl Audit {
    /// Security events of the caller's own account that match. Needs no permission; only a user has any.
    pub async fn list_own_security(
        &self,
        ctx: &RequestContext,
        filter: SecurityFilter,
        page: &PageRequest,
    ) -> Result<Page<SecurityRecord>, AuditError> {
        let user = ctx.user_id().ok_or(AuditError::NotAUser)?;
        filter.checked()?;
        let after = page.position()?;
        // Another's are not among one's own.
        if filter.user.is_some_and(|asked| asked != user) {
            return Ok(Page { items: Vec::new(), next: None, total: page.count.then_some(0) });
        }
        let filter = SecurityFilter { user: Some(user), ..filter };
        self.db.read(ctx, async |tx| page_of_events(tx, &filter, after, page).await).await
    }

    /// Security events of the whole tenant that match; needs `audit.read` there. Having read them is logged (L0).
    pub async fn list_security(
        &self,
        ctx: &RequestContext,
        filter: &SecurityFilter,
        page: &PageRequest,
    ) -> Result<Page<SecurityRecord>, AuditError> {
        filter.checked()?;
        let after = page.position()?;
        self.db
            .write(ctx, async |tx| {
                self.rights.require(tx, &AUDIT_READ, Scope::Tenant).await?;
                let found = page_of_events(tx, filter, after, page).await?;
                let read = Activity::new("security_log.read", "security_log", Uuid::nil())
                    .changes(Changes::new().public("filter", None, Some(filter)));
                self.recorder.record(tx, read);
                Ok(found)
            })
            .await
    }
}

async fn page_of_events(
    tx: &mut Tx,
    filter: &SecurityFilter,
    after: Option<Uuid>,
    page: &PageRequest,
) -> Result<Page<SecurityRecord>, AuditError> {
    let rows = store::security_events(tx, filter, after, page.limit).await?;
    let mut found = Page::from_rows(rows, page.limit, |record| record.entry.head.id);
    if page.count {
        found.total = Some(store::count_security_events(tx, filter).await?);
    }
    Ok(found)
}
