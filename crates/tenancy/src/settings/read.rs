//! Reading a tenant's settings.

use ouvira_common::{context::RequestContext, id::TenantId};

use super::{StoredSettings, store};
use crate::{
    error::TenancyError,
    own::{Tenancy, require_own},
};

impl Tenancy {
    /// The settings of the caller's own tenant; anybody of it may see them. Errors: [`TenancyError::NotFound`] for every
    /// other one.
    pub async fn read_settings(
        &self,
        ctx: &RequestContext,
        id: TenantId,
    ) -> Result<StoredSettings, TenancyError> {
        require_own(ctx, id)?;
        Ok(self.deps.db.read(ctx, async |tx| store::find(tx).await).await?)
    }
}
