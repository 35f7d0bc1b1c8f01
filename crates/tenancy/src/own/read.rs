//! One's own tenant.

#[cfg(feature = "http")]
use ouvira_common::ports::{TenantName, TenantResolver as _};
use ouvira_common::{context::RequestContext, id::TenantId, settings::TenantSettings};

use super::{Tenancy, require_own};
use crate::{directory::TenantProfile, error::TenancyError, settings::store};

/// A tenant as its own people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnTenant {
    /// What the directory says of it.
    pub profile: TenantProfile,
    /// Its settings, as they are now.
    pub settings: TenantSettings,
}

impl Tenancy {
    /// The caller's own tenant; anybody of it may see it. Errors: [`TenancyError::NotFound`] for every other one.
    pub async fn read(&self, ctx: &RequestContext, id: TenantId) -> Result<OwnTenant, TenancyError> {
        require_own(ctx, id)?;
        let settings = self.deps.db.read(ctx, async |tx| store::find(tx).await).await?;
        let profile = self.deps.directory.profile(id).await?.ok_or(TenancyError::NotFound)?;
        Ok(OwnTenant { profile, settings: settings.settings })
    }

    /// The settings of any tenant, for operators; `None` when its database cannot be asked, or it is not made yet.
    #[cfg(feature = "http")]
    pub(crate) async fn settings_of(&self, id: TenantId) -> Option<TenantSettings> {
        let tenant = self.deps.directory.resolve(TenantName::Id(id)).await.ok()?;
        Some(tenant.settings.clone())
    }
}
