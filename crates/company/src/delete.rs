//! Deleting a company, for good only after a while.

use ouvira_common::{context::RequestContext, id::CompanyId, ports::Activity};

use crate::{Companies, CompanyError, event::CompanyDeleted, permission::COMPANY_DELETE, store};

impl Companies {
    /// Deletes the company when it is at `expected`, where that is given, and has none below it. Needs `company.delete`,
    /// which its owners hold. It can be restored for [`RESTORABLE_DAYS`](crate::RESTORABLE_DAYS) days.
    pub async fn delete(
        &self,
        ctx: &RequestContext,
        id: CompanyId,
        expected: Option<i64>,
    ) -> Result<(), CompanyError> {
        self.db
            .write(ctx, async |tx| {
                // Before looking for children: nobody founds or moves one meanwhile.
                tx.raise_rights_epoch().await?;
                self.require(tx, &COMPANY_DELETE, id).await?;
                let company = store::lock(tx, id).await?.ok_or(CompanyError::NotFound)?;
                company.require_version(expected)?;
                if store::has_children(tx, id).await? {
                    return Err(CompanyError::HasChildren);
                }
                store::delete(tx, id, ctx.now());
                self.tree.removed(tx, id).await?;
                let deleted = Activity::new("company.deleted", "company", id.0).company(id);
                self.audit.record(tx, deleted.label(&company.particulars.name));
                tx.publish(&CompanyDeleted { company_id: id });
                Ok(())
            })
            .await
    }
}
