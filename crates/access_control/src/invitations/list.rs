//! Listing invitations.

use ouvira_common::{
    context::RequestContext,
    id::CompanyId,
    page::{Page, PageRequest},
};

use crate::{
    AccessControl, AccessError,
    model::{Invitation, InvitationStatus},
    permission::INVITATION_READ,
    store::{self, invitations::Chosen},
};

/// Which invitations; all that is given must hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct InvitationFilter {
    /// To this company.
    pub company: Option<CompanyId>,
    /// That stand so.
    pub status: Option<InvitationStatus>,
}

impl AccessControl {
    /// Invitations, the newest first, as far as the caller holds `invitation.read`: in the whole tenant, or to some
    /// companies.
    pub async fn list_invitations(
        &self,
        ctx: &RequestContext,
        filter: InvitationFilter,
        page: &PageRequest,
    ) -> Result<Page<Invitation>, AccessError> {
        self.db
            .read(ctx, async |tx| {
                let reach = self.caller(tx).await?.require_anywhere(&INVITATION_READ)?;
                let InvitationFilter { company, status } = filter;
                let chosen = Chosen { company, status, reach: &reach, now: tx.now() };
                let after = page.position()?;
                let rows = store::invitations::page(tx, &chosen, after, page.limit.probe()).await?;
                let mut found = Page::from_rows(rows, page.limit, |invitation| invitation.id);
                if page.count {
                    found.total = Some(store::invitations::count(tx, &chosen).await?);
                }
                Ok(found)
            })
            .await
    }
}
