//! Listing memberships.

use ouvira_common::{
    context::RequestContext,
    id::{CompanyId, UserId},
    page::{Page, PageRequest},
};

use crate::{
    AccessControl, AccessError,
    model::Membership,
    permission::MEMBER_READ,
    store::{self, memberships::Chosen},
};

/// Which memberships; all that is given must hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct MembershipFilter {
    /// Of this company.
    pub company: Option<CompanyId>,
    /// Of this user.
    pub user: Option<UserId>,
}

impl AccessControl {
    /// Memberships of the companies where the caller holds `member.read`, in the order in which people joined. One's own
    /// can always be listed by naming oneself.
    pub async fn list_memberships(
        &self,
        ctx: &RequestContext,
        filter: MembershipFilter,
        page: &PageRequest,
    ) -> Result<Page<Membership>, AccessError> {
        self.db
            .read(ctx, async |tx| {
                let reach = self.reach(tx, filter.user, &MEMBER_READ).await?;
                let chosen = Chosen { company: filter.company, user: filter.user, reach: &reach };
                let after = page.position()?;
                let rows = store::memberships::page(tx, &chosen, after, page.limit.probe()).await?;
                let mut found = Page::from_rows(rows, page.limit, |membership| membership.id);
                if page.count {
                    found.total = Some(store::memberships::count(tx, &chosen).await?);
                }
                Ok(found)
            })
            .await
    }
}
