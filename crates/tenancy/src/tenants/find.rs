//! One tenant.

use ouvira_common::id::TenantId;

use super::{Tenants, store};
use crate::{error::TenancyError, model::TenantRecord, slug::Slug};

impl Tenants {
    /// The tenant with that id. Errors: [`TenancyError::NotFound`].
    pub async fn find(&self, id: TenantId) -> Result<TenantRecord, TenancyError> {
        let mut conn = self.deps.catalog.connection().await?;
        store::find(&mut conn, id).await?.ok_or(TenancyError::NotFound)
    }

    /// The tenant with that slug. Errors: [`TenancyError::NotFound`], also for what cannot be a slug.
    pub async fn find_by_slug(&self, slug: &str) -> Result<TenantRecord, TenancyError> {
        let slug = Slug::parse("/slug", slug).map_err(|_| TenancyError::NotFound)?;
        let mut conn = self.deps.catalog.connection().await?;
        store::find_by_slug(&mut conn, &slug).await?.ok_or(TenancyError::NotFound)
    }
}
