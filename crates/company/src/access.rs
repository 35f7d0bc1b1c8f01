//! Who may see a company, and who may act on it.

use ouvira_common::{
    db::{DbError, Tx},
    id::CompanyId,
    permission::{Permission, Scope},
    ports::{Denied, Visible},
};

use crate::{
    Companies, CompanyError,
    permission::{COMPANY_READ, COMPANY_READ_ALL},
};

impl Companies {
    /// Whether the caller may see `company`, if it is there. Fails when it is theirs to see and asks for a second factor.
    pub(crate) async fn sees(&self, tx: &mut Tx, company: CompanyId) -> Result<bool, CompanyError> {
        let there = Scope::Company(company);
        match self.rights.require(tx, &COMPANY_READ, there).await {
            Ok(()) => Ok(true),
            Err(Denied::Missing(_)) => {
                let all = self.rights.holds(tx, &COMPANY_READ_ALL, Scope::Tenant).await?;
                if all {
                    self.rights.require(tx, &COMPANY_READ_ALL, there).await?;
                }
                Ok(all)
            }
            Err(denied) => Err(denied.into()),
        }
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
        match self.rights.visible(tx, &COMPANY_READ_ALL).await? {
            Visible::Ids(_) => self.rights.visible(tx, &COMPANY_READ).await,
            all => Ok(all),
        }
    }
}
