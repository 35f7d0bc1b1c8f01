//! Moving a company, and all below it, to another place in the tree.

use ouvira_common::{
    context::RequestContext,
    db::Tx,
    id::CompanyId,
    permission::Scope,
    ports::{Activity, Changes},
    problem::FieldErrors,
};

use crate::{
    Companies, CompanyError, event::CompanyMoved, model::Company, permission::COMPANY_UPDATE, store,
};

impl Companies {
    /// Puts the company below `parent`, or makes it a root. Needs `company.update` for the company, for the one it
    /// leaves and for the one it goes to. Moves within a tenant happen one after the other, so that no two of them can
    /// make a cycle together.
    pub async fn relocate(
        &self,
        ctx: &RequestContext,
        id: CompanyId,
        parent: Option<CompanyId>,
    ) -> Result<Company, CompanyError> {
        self.db
            .write(ctx, async |tx| {
                tx.raise_rights_epoch().await?;
                self.require(tx, &COMPANY_UPDATE, id).await?;
                let before = store::lock(tx, id).await?.ok_or(CompanyError::NotFound)?;
                if before.parent == parent {
                    return Ok(before);
                }
                if let Some(parent) = parent {
                    self.require_destination(tx, id, parent).await?;
                }
                if let Some(left) = before.parent {
                    self.rights.require(tx, &COMPANY_UPDATE, Scope::Company(left)).await?;
                }
                let after = Company { parent, ..before.clone() }.changed(tx.now());
                store::set_parent(tx, &after);
                self.tree.moved(tx, id, parent).await?;
                self.audit.record(tx, moved(&before, &after));
                tx.publish(&CompanyMoved { company_id: id, parent_id: parent });
                Ok(after)
            })
            .await
    }

    async fn require_destination(
        &self,
        tx: &mut Tx,
        company: CompanyId,
        parent: CompanyId,
    ) -> Result<(), CompanyError> {
        if !self.sees(tx, parent).await? || !store::is_live(tx, parent).await? {
            return Err(FieldErrors::unknown_reference("/parent_id").into());
        }
        self.rights.require(tx, &COMPANY_UPDATE, Scope::Company(parent)).await?;
        if store::is_at_or_below(tx, parent, company).await? {
            return Err(CompanyError::Cycle);
        }
        Ok(())
    }
}

fn moved(before: &Company, after: &Company) -> Activity {
    let changes = Changes::new().public("parent_id", before.parent, after.parent);
    let activity = Activity::new("company.moved", "company", after.id.0).company(after.id);
    activity.label(&after.particulars.name).changes(changes)
}
