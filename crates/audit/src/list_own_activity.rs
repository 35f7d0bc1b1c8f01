//! Reading what one did oneself.

use ouvira_common::{
    context::RequestContext,
    page::{Page, PageRequest},
    ports::Visible,
    principal::PrincipalKind,
};

use crate::{Audit, AuditError, list_activity::ActivityFilter, model::ActivityRecord};

impl Audit {
    /// The caller's own activities, the newest first. Needs no permission; only a user has any.
    pub async fn list_own_activity(
        &self,
        ctx: &RequestContext,
        page: &PageRequest,
    ) -> Result<Page<ActivityRecord>, AuditError> {
        let user = ctx.user_id().ok_or(AuditError::NotAUser)?;
        let after = page.position()?;
        let filter = ActivityFilter {
            actor_kind: Some(PrincipalKind::User),
            actor_id: Some(user.0),
            ..ActivityFilter::default()
        };
        self.db
            .read(ctx, async |tx| self.page_of_activity(tx, &filter, &Visible::All, after, page).await)
            .await
    }
}
