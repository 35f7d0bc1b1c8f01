//! Who may see a company, and who may act on it.

use ouvira_common::{
    db::{DbError, Tx},
    id::CompanyId,
    permission::{Permission, Scope},
    ports::Visible,
};

use crate::{
    Companies, CompanyError,
    permission::{COMPANY_READ, COMPANY_READ_ALL},
};

impl Companies {
    /// Whether the caller may see `company`, if it is there.
    pub(crate) async fn sees(&self, tx: &mut Tx, company: CompanyId) -> Result<bool, DbError> {
        Ok(self.rights.holds(tx, &COMPANY_READ, Scope::Company(company)).await?
            || self.rights.holds(tx, &COMPANY_READ_ALL, Scope::Tenant).await?)
    }

    /// Fails with `NotFound` when the caller may not even see `company`, with `Denied` when they may not do this.
    pub(crate) async fn require(
        &self,
        tx: &mut Tx,
        permission: &Permission,
        company: CompanyId,
    ) -> Result<(), CompanyError> {
        if !self.sees(tx, company).await? {
            return Err(CompanyError::NotFound);
        }
        Ok(self.rights.require(tx, permission, Scope::Company(company)).await?)
    }

    /// Which companies the caller may see.
    pub(crate) async fn visible(&self, tx: &mut Tx) -> Result<Visible, DbError> {
        if self.rights.holds(tx, &COMPANY_READ_ALL, Scope::Tenant).await? {
            return Ok(Visible::All);
        }
        self.rights.visible(tx, &COMPANY_READ).await
    }
}
