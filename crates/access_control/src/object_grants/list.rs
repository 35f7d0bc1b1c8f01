//! Listing grants on objects.

use ouvira_common::{
    context::RequestContext,
    page::{Page, PageRequest},
    ports::Visible,
};

use crate::{
    AccessControl, AccessError,
    model::{GrantHolder, ObjectGrant},
    permission::ROLE_READ,
    store::{self, object_grants::Chosen},
};

impl AccessControl {
    /// Grants on objects, of one holder or of all, as far as the caller holds `role.read`: in the whole tenant, or on some
    /// companies. One's own can always be listed by naming oneself.
    pub async fn list_object_grants(
        &self,
        ctx: &RequestContext,
        holder: Option<GrantHolder>,
        page: &PageRequest,
    ) -> Result<Page<ObjectGrant>, AccessError> {
        self.db
            .read(ctx, async |tx| {
                let oneself = tx.context().user_id().map(GrantHolder::User);
                let own = holder.is_some() && holder == oneself;
                let reach =
                    if own { Visible::All } else { self.caller(tx).await?.require_anywhere(&ROLE_READ)? };
                let chosen = Chosen { holder, reach: &reach };
                let after = page.position()?;
                let limit = page.limit.probe();
                let rows = store::object_grants::page(tx, self.catalogue(), &chosen, after, limit).await?;
                let mut found = Page::from_rows(rows, page.limit, |grant| grant.id);
                if page.count {
                    found.total = Some(store::object_grants::count(tx, &chosen).await?);
                }
                Ok(found)
            })
            .await
    }
}
