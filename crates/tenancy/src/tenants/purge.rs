//! What is left of a tenant when its grace period is over: a line in the catalog.

use diesel_async::AsyncConnection as _;
use ouvira_common::{id::TenantId, tenant::TenantState};
use serde_json::json;

use super::{Tenants, store};
use crate::{
    PlatformContext,
    catalog::store::{LogEntry, log},
    error::TenancyError,
    gate,
    model::{TenantRecord, state_name},
    placements::{Placements, erase::forget_at_gate},
};

impl Tenants {
    /// Erases a deleted tenant now, whatever is left of its grace period: its tables or rows, its key, without which its
    /// sealed fields in old backups cannot be opened, and its slug, which is free again. It cannot be undone; one that is
    /// interrupted is completed by another call. Errors: [`TenancyError::NotFound`], [`TenancyError::WrongState`],
    /// [`TenancyError::NotTheOwner`].
    pub async fn purge(&self, ctx: &PlatformContext, id: TenantId) -> Result<(), TenancyError> {
        let owner = self.deps.placements.as_ref().ok_or(TenancyError::NotTheOwner)?;
        let tenant = self.find(id).await?;
        if tenant.state != TenantState::Deleting {
            return Err(TenancyError::WrongState(state_name(tenant.state)));
        }
        // The gate has the last word, also between us and somebody who resumes it at this moment.
        let gone = "moved";
        if owner.stands(&tenant).await?
            && !gate::change_state(&self.deps.catalog, &tenant, &["deleting", gone], gone).await?
        {
            return Err(TenancyError::WrongState("being changed by somebody else"));
        }
        owner.erase(id, tenant.placement.mode).await?;
        strike_off(owner, ctx, &tenant).await
    }

    /// Erases the tenants whose grace period is over; answers how many. One that cannot be erased is logged, keeps no other
    /// from it, and is tried again by the next call.
    pub async fn purge_due(&self, ctx: &PlatformContext) -> Result<usize, TenancyError> {
        if self.deps.placements.is_none() {
            return Ok(0);
        }
        let due = store::due(&mut *self.deps.catalog.connection().await?, ctx.now).await?;
        let mut purged = 0;
        for id in due {
            match self.purge(ctx, id).await {
                Ok(()) => purged += 1,
                Err(error) => tracing::warn!(tenant = %id, %error, "a deleted tenant could not be erased"),
            }
        }
        Ok(purged)
    }
}

/// Takes the tenant from gate and catalog, as the owner: no other role may.
async fn strike_off(
    owner: &Placements,
    ctx: &PlatformContext,
    tenant: &TenantRecord,
) -> Result<(), TenancyError> {
    owner
        .connection(None)
        .await?
        .transaction(async |conn| {
            forget_at_gate(conn, tenant.id).await?;
            store::strike_off(conn, tenant.id, ctx.now).await?;
            let details = json!({"slug": tenant.slug.as_str()});
            log(conn, ctx, LogEntry::of_tenant("tenant.purged", tenant.id, details)).await?;
            Ok(())
        })
        .await
}
