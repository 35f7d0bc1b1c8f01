//! Deleting a tenant, which can be undone for a while.

use ouvira_common::{id::TenantId, tenant::TenantState};

use super::{Tenants, suspend::Transition};
use crate::{
    PlatformContext,
    error::TenancyError,
    model::{GRACE, TenantRecord},
};

const DELETE: Transition = Transition {
    from: &[TenantState::Active, TenantState::Suspended],
    to: TenantState::Deleting,
    action: "tenant.deleted",
};

impl Tenants {
    /// Takes a tenant out of service; everything of it goes when the grace period ([`GRACE`]) has passed, unless it is
    /// resumed. Errors: [`TenancyError::NotFound`], [`TenancyError::WrongState`], [`TenancyError::VersionMismatch`].
    pub async fn delete(
        &self,
        ctx: &PlatformContext,
        id: TenantId,
        expected: Option<i64>,
    ) -> Result<TenantRecord, TenancyError> {
        if let Some(expected) = expected
            && self.find(id).await?.version != expected
        {
            return Err(TenancyError::VersionMismatch);
        }
        let now = ctx.now;
        self.change_state(ctx, id, &DELETE, |tenant| {
            tenant.deleted_at = Some(now);
            tenant.purge_at = Some(now + GRACE);
        })
        .await
    }
}
