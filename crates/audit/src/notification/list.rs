//! Reading one's own notifications.

use ouvira_common::{
    context::RequestContext,
    page::{Page, PageRequest},
};

use super::{Notification, store};
use crate::{Audit, AuditError};

impl Audit {
    /// The caller's notifications, the newest first: all, or only unread (`Some(true)`) or read ones.
    pub async fn list_notifications(
        &self,
        ctx: &RequestContext,
        unread: Option<bool>,
        page: &PageRequest,
    ) -> Result<Page<Notification>, AuditError> {
        let user = ctx.user_id().ok_or(AuditError::NotAUser)?;
        let after = page.position()?;
        self.db
            .read(ctx, async |tx| {
                let rows = store::list(tx, user, unread, after, page.limit).await?;
                let mut found = Page::from_rows(rows, page.limit, |notification| notification.id);
                if page.count {
                    found.total = Some(store::count(tx, user, unread).await?);
                }
                Ok(found)
            })
            .await
    }

    /// How many of the caller's notifications are unread.
    pub async fn count_unread(&self, ctx: &RequestContext) -> Result<i64, AuditError> {
        let user = ctx.user_id().ok_or(AuditError::NotAUser)?;
        self.db.read(ctx, async |tx| Ok(store::count(tx, user, Some(true)).await?)).await
    }
}
