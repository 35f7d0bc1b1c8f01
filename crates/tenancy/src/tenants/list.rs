//! All tenants, for operators.

use ouvira_common::page::{Page, PageRequest};

use super::{Tenants, store};
use crate::{error::TenancyError, model::TenantRecord};

impl Tenants {
    /// A page of the tenants by slug; those being made or deleted are among them, purged ones are not.
    pub async fn list(&self, page: &PageRequest) -> Result<Page<TenantRecord>, TenancyError> {
        let after: Option<String> = page.position()?;
        let mut conn = self.deps.catalog.connection().await?;
        let rows = store::list(&mut conn, after.as_deref(), page.limit.probe()).await?;
        let mut page_of = Page::from_rows(rows, page.limit, |tenant| tenant.slug.as_str().to_owned());
        if page.count {
            page_of.total = Some(store::count(&mut conn).await?);
        }
        Ok(page_of)
    }

    /// Those that were begun and are not in service yet, oldest first.
    pub(super) async fn unfinished(&self) -> Result<Vec<TenantRecord>, TenancyError> {
        Ok(store::unfinished(&mut *self.deps.catalog.connection().await?).await?)
    }
}
