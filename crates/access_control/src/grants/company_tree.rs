//! The tree of companies, as the company domain tells it.

use async_trait::async_trait;
use ouvira_common::{
    db::{DbError, Tx},
    id::{CompanyId, UserId},
    permission::SystemRole,
    ports::CompanyTree,
};

use super::Grants;
use crate::{
    model::{Membership, MembershipId, MembershipRole, MembershipStatus, UserRoleId},
    store,
};

#[async_trait]
impl CompanyTree for Grants {
    async fn founded(
        &self,
        tx: &mut Tx,
        company: CompanyId,
        parent: Option<CompanyId>,
        founder: UserId,
    ) -> Result<(), DbError> {
        match parent {
            // What is inherited from above changes for everybody who holds something there.
            Some(_) => self.rights.change_of_all(tx).await?,
            None => self.rights.change_of(tx, founder),
        }
        let now = tx.now();
        let membership = Membership {
            id: MembershipId::new_at(now),
            user: founder,
            company,
            status: MembershipStatus::Active,
            title: None,
            joined_at: now,
            version: 1,
        };
        let catalogue = self.rights.catalogue();
        let owner = MembershipRole {
            id: UserRoleId::new_at(now),
            membership: membership.id,
            role: catalogue.role_id(SystemRole::Owner),
            granted_by: None,
            expires_at: None,
            created_at: now,
        };
        store::companies::defer_insert(tx, company, parent);
        store::memberships::defer_insert(tx, &membership);
        store::user_roles::defer_give(tx, catalogue, company, &owner);
        Ok(())
    }

    async fn moved(&self, tx: &mut Tx, company: CompanyId, parent: Option<CompanyId>) -> Result<(), DbError> {
        self.rights.change_of_all(tx).await?;
        store::companies::defer_move(tx, company, parent);
        Ok(())
    }

    async fn removed(&self, tx: &mut Tx, company: CompanyId) -> Result<(), DbError> {
        self.rights.change_of_all(tx).await?;
        let now = tx.now();
        store::companies::defer_removal(tx, company, Some(now));
        Ok(())
    }

    async fn restored(&self, tx: &mut Tx, company: CompanyId) -> Result<(), DbError> {
        self.rights.change_of_all(tx).await?;
        store::companies::defer_removal(tx, company, None);
        Ok(())
    }

    async fn guarded(&self, tx: &mut Tx, company: CompanyId, second_factor: bool) -> Result<(), DbError> {
        self.rights.change_of_all(tx).await?;
        store::companies::defer_guard(tx, company, second_factor);
        Ok(())
    }
}
