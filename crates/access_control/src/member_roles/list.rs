//! Listing the roles of members.

use ouvira_common::{
    context::RequestContext,
    page::{Page, PageRequest},
    ports::Visible,
};

use crate::{
    AccessControl, AccessError,
    model::{MembershipId, MembershipRole},
    permission::MEMBER_READ,
    store::{self, user_roles::OfMembers},
};

impl AccessControl {
    /// Roles of one membership, or of all in the companies where the caller holds `member.read`. One's own can always be
    /// listed by naming one's membership. Ended ones are not among them.
    pub async fn list_member_roles(
        &self,
        ctx: &RequestContext,
        membership: Option<MembershipId>,
        page: &PageRequest,
    ) -> Result<Page<MembershipRole>, AccessError> {
        self.db
            .read(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                let named = match membership {
                    Some(id) => store::memberships::find(tx, id).await?,
                    None => None,
                };
                let own = named.is_some_and(|named| tx.context().user_id() == Some(named.user));
                let reach = if own { Visible::All } else { caller.require_anywhere(&MEMBER_READ)? };
                let chosen = OfMembers { membership, reach: &reach, now: tx.now() };
                let after = page.position()?;
                let rows = store::user_roles::page_of_members(tx, &chosen, after, page.limit.probe()).await?;
                let mut found = Page::from_rows(rows, page.limit, |held| held.id);
                if page.count {
                    found.total = Some(store::user_roles::count_of_members(tx, &chosen).await?);
                }
                Ok(found)
            })
            .await
    }
}
