//! Listing the roles that users hold.

use ouvira_common::{
    context::RequestContext,
    id::{CompanyId, UserId},
    page::{Page, PageRequest},
    ports::Visible,
};

use crate::{
    AccessControl, AccessError,
    model::UserRole,
    permission::ROLE_READ,
    store::{self, user_roles::Chosen},
};

/// Which roles; all that is given must hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct UserRoleFilter {
    /// Of this user.
    pub user: Option<UserId>,
    /// In this company.
    pub company: Option<CompanyId>,
}

impl AccessControl {
    /// Every role that users hold, as far as the caller holds `role.read`: in the whole tenant, or in some companies.
    /// One's own can always be listed by naming oneself. Ended ones are not among them.
    pub async fn list_user_roles(
        &self,
        ctx: &RequestContext,
        filter: UserRoleFilter,
        page: &PageRequest,
    ) -> Result<Page<UserRole>, AccessError> {
        self.db
            .read(ctx, async |tx| {
                let (companies, barred) = match self.reach(tx, filter.user, &ROLE_READ).await? {
                    Visible::All => (None, None),
                    Visible::AllBut(barred) => (None, Some(barred.to_vec())),
                    Visible::Ids(companies) => (Some(companies.to_vec()), None),
                };
                let (user, company) = (filter.user, filter.company);
                let chosen = Chosen { user, company, companies, barred, after: page.position()?, id: None };
                let rows = store::user_roles::page(tx, self.catalogue(), &chosen, page.limit.probe()).await?;
                let mut found = Page::from_rows(rows, page.limit, |held| held.id);
                if page.count {
                    let all = Chosen { after: None, ..chosen };
                    found.total = Some(store::user_roles::count(tx, &all).await?);
                }
                Ok(found)
            })
            .await
    }
}
