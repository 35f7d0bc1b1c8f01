//! Bringing a deleted company back.

use chrono::Duration;
use ouvira_common::{context::RequestContext, id::CompanyId, permission::Scope, ports::Activity};

use crate::{
    Companies, CompanyError, event::CompanyRestored, model::Company, permission::COMPANY_DELETE, store,
};

/// How long a deleted company can be restored.
pub const RESTORABLE_DAYS: i64 = 30;

impl Companies {
    /// Restores a company that was deleted within [`RESTORABLE_DAYS`] days, for who held `company.delete` there; to all
    /// others it is not there. Fails when a sibling took its name or the one above it was deleted.
    pub async fn restore(&self, ctx: &RequestContext, id: CompanyId) -> Result<Company, CompanyError> {
        self.db
            .write(ctx, async |tx| {
                tx.raise_rights_epoch().await?;
                let since = tx.now() - Duration::days(RESTORABLE_DAYS);
                let Some(deleted) = store::lock_deleted(tx, id, since).await? else {
                    self.require(tx, &COMPANY_DELETE, id).await?;
                    let live = store::is_live(tx, id).await?;
                    return Err(if live { CompanyError::NotDeleted } else { CompanyError::NotFound });
                };
                if !self.rights.holds(tx, &COMPANY_DELETE, Scope::Removed(id)).await? {
                    return Err(CompanyError::NotFound);
                }
                if let Some(parent) = deleted.parent
                    && !store::is_live(tx, parent).await?
                {
                    return Err(CompanyError::ParentDeleted);
                }
                self.require_room(tx).await?;
                let company = deleted.changed(tx.now());
                store::restore(tx, &company);
                self.tree.restored(tx, id).await?;
                let restored = Activity::new("company.restored", "company", id.0).company(id);
                self.audit.record(tx, restored.label(&company.particulars.name));
                tx.publish(&CompanyRestored { company_id: id });
                Ok(company)
            })
            .await
    }
}
