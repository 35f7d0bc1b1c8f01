//! Reading what concerned the security of accounts.

use ouvira_common::{
    context::RequestContext,
    db::Tx,
    id::UserId,
    page::{Page, PageRequest},
    permission::Scope,
    ports::{Activity, AuditSink as _},
};
use uuid::Uuid;

use crate::{Audit, AuditError, model::SecurityRecord, permission::AUDIT_READ, store};

impl Audit {
    /// Security events of the caller's own account, the newest first. Needs no permission; only a user has any.
    pub async fn list_own_security(
        &self,
        ctx: &RequestContext,
        page: &PageRequest,
    ) -> Result<Page<SecurityRecord>, AuditError> {
        let user = ctx.user_id().ok_or(AuditError::NotAUser)?;
        let after = page.position()?;
        self.db.read(ctx, async |tx| page_of_events(tx, Some(user), after, page).await).await
    }

    /// Security events of the whole tenant, the newest first; needs `audit.read` there. Having read them is logged (L0).
    pub async fn list_security(
        &self,
        ctx: &RequestContext,
        page: &PageRequest,
    ) -> Result<Page<SecurityRecord>, AuditError> {
        let after = page.position()?;
        self.db
            .write(ctx, async |tx| {
                self.rights.require(tx, &AUDIT_READ, Scope::Tenant).await?;
                let found = page_of_events(tx, None, after, page).await?;
                self.recorder.record(tx, Activity::new("security_log.read", "security_log", Uuid::nil()));
                Ok(found)
            })
            .await
    }
}

async fn page_of_events(
    tx: &mut Tx,
    user: Option<UserId>,
    after: Option<Uuid>,
    page: &PageRequest,
) -> Result<Page<SecurityRecord>, AuditError> {
    let rows = store::security_events(tx, user, after, page.limit).await?;
    let mut found = Page::from_rows(rows, page.limit, |record| record.entry.head.id);
    if page.count {
        found.total = Some(store::count_security_events(tx, user).await?);
    }
    Ok(found)
}
