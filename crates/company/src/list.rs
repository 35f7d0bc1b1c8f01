//! Listing companies.

use ouvira_common::{
    context::RequestContext,
    id::CompanyId,
    page::{Page, PageRequest},
};

use crate::{
    Companies, CompanyError,
    model::{Company, Status, words},
    store,
};

/// Which companies; all that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompanyFilter {
    /// Directly below this one.
    pub parent: Option<CompanyId>,
    /// In this status.
    pub status: Option<Status>,
    /// Every word of it begins a word of the name, the legal name or the tax id.
    pub search: Option<String>,
}

/// Words of a search beyond these are not looked at.
const MOST_WORDS: usize = 8;

impl Companies {
    /// The companies that the caller may see and that match, the newest first.
    pub async fn list(
        &self,
        ctx: &RequestContext,
        filter: &CompanyFilter,
        page: &PageRequest,
    ) -> Result<Page<Company>, CompanyError> {
        let after = page.position()?;
        let sought: Vec<String> =
            filter.search.iter().flat_map(|text| words(text)).take(MOST_WORDS).collect();
        if filter.search.is_some() && sought.is_empty() {
            return Ok(Page { items: Vec::new(), next: None, total: page.count.then_some(0) });
        }
        self.db
            .read(ctx, async |tx| {
                let selection = store::Selection {
                    visible: self.visible(tx).await?,
                    parent: filter.parent,
                    status: filter.status,
                    words: &sought,
                };
                let rows = store::list(tx, &selection, after, page.limit).await?;
                let mut found = Page::from_rows(rows, page.limit, |company| company.id);
                if page.count {
                    found.total = Some(store::count(tx, &selection).await?);
                }
                Ok(found)
            })
            .await
    }
}
