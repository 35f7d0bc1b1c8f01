//! Switching a tenant on again.

use ouvira_common::{id::TenantId, tenant::TenantState};

use super::{Tenants, suspend::Transition};
use crate::{PlatformContext, error::TenancyError, model::TenantRecord};

const RESUME: Transition = Transition {
    from: &[TenantState::Suspended, TenantState::Deleting],
    to: TenantState::Active,
    action: "tenant.resumed",
};

impl Tenants {
    /// Puts a suspended tenant back into service, or one that was deleted, within its grace period. Errors:
    /// [`TenancyError::NotFound`], [`TenancyError::WrongState`].
    pub async fn resume(&self, ctx: &PlatformContext, id: TenantId) -> Result<TenantRecord, TenancyError> {
        self.change_state(ctx, id, &RESUME, |tenant| {
            tenant.deleted_at = None;
            tenant.purge_at = None;
        })
        .await
    }
}
