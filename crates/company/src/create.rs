//! Founding a company.

use ouvira_common::{
    context::RequestContext,
    db::{Quota, Tx},
    id::CompanyId,
    permission::Scope,
    ports::{Activity, Changes},
    problem::FieldErrors,
};

use crate::{
    Companies, CompanyError,
    event::CompanyCreated,
    model::{Company, Particulars},
    permission::COMPANY_CREATE,
    store,
};

/// A company to be founded, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewCompany {
    /// What it is called: 1 to 200 characters.
    pub name: String,
    /// The name in the register, at most 200 characters.
    pub legal_name: Option<String>,
    /// The number at the tax office, at most 50 characters.
    pub tax_id: Option<String>,
    /// Below which other one; a root when none.
    pub parent: Option<CompanyId>,
}

impl Companies {
    /// Founds a company; the caller becomes its owner. A root is for any user to found, a child for who holds
    /// `company.create` above it. Three round trips for a root: the gate with the row, what is deferred, COMMIT.
    pub async fn create(&self, ctx: &RequestContext, new: NewCompany) -> Result<Company, CompanyError> {
        let founder = ctx.user_id().ok_or(CompanyError::NotAUser)?;
        let particulars = Particulars::parse(&new.name, new.legal_name.as_deref(), new.tax_id.as_deref())?;
        self.db
            .write(ctx, async |tx| {
                if let Some(parent) = new.parent {
                    self.require_parent(tx, parent).await?;
                }
                self.require_room(tx).await?;
                let company = Company::new(particulars.clone(), new.parent, tx.now());
                store::insert(tx, &company).await?;
                self.tree.founded(tx, company.id, company.parent, founder).await?;
                self.audit.record(tx, created(&company));
                tx.publish(&CompanyCreated {
                    company_id: company.id,
                    parent_id: company.parent,
                    name: company.particulars.name.clone(),
                });
                Ok(company)
            })
            .await
    }

    /// Fails when the tenant has as many companies as it may have.
    pub(crate) async fn require_room(&self, tx: &mut Tx) -> Result<(), CompanyError> {
        if let Some(quota) = tx.hold_quota(Quota::Companies).await? {
            quota.admit(store::count_live(tx, quota.limit()).await?)?;
        }
        Ok(())
    }

    /// A child is founded under the tenant's rights lock, so that its parent cannot be deleted at the same time.
    async fn require_parent(&self, tx: &mut Tx, parent: CompanyId) -> Result<(), CompanyError> {
        tx.raise_rights_epoch().await?;
        if !self.sees(tx, parent).await? || !store::is_live(tx, parent).await? {
            return Err(FieldErrors::unknown_reference("/parent_id").into());
        }
        Ok(self.rights.require(tx, &COMPANY_CREATE, Scope::Company(parent)).await?)
    }
}

fn created(company: &Company) -> Activity {
    let Particulars { name, legal_name, tax_id, status } = &company.particulars;
    let changes = Changes::new()
        .public("name", None, Some(name))
        .public("legal_name", None, legal_name.as_ref())
        // A sole trader's is a person's.
        .personal("tax_id", None, tax_id.as_ref())
        .public("status", None, Some(status.as_str()))
        .public("parent_id", None, company.parent);
    Activity::new("company.created", "company", company.id.0).company(company.id).label(name).changes(changes)
}
