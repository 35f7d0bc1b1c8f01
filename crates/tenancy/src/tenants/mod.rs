//! Tenants from the control plane's side: made, listed, renamed, switched off and on, deleted, erased.

mod create;
mod delete;
mod enlist;
mod find;
mod keys;
mod list;
mod new;
mod provision;
mod purge;
mod resume;
pub(crate) mod store;
mod suspend;
mod update;

use std::sync::Arc;

use ouvira_common::{
    context::{Pass, RequestContext},
    db::Db,
    entropy::Entropy,
    id::TenantId,
    ports::{Activity, AuditSink, Changes, Credentials, RoleGrants, UserDirectory},
    sealing::WrappingKeys,
    tenant::Tenant,
};
use uuid::Uuid;

use crate::{
    PlatformContext, catalog::Catalog, error::TenancyError, history::History, model::TenantRecord,
    placements::Placements,
};

pub use new::{NewAdministrator, NewTenant};
pub use provision::{Provisioned, TenantProvisioned};
pub use update::TenantChanges;

/// What [`Tenants`] is made from.
#[derive(Clone)]
pub struct TenantDeps {
    /// The catalog.
    pub catalog: Catalog,
    /// The owner's hand, where the process has it: without, own schemas come from a spare one and own databases not at all.
    pub placements: Option<Placements>,
    /// What a placement has to be made of.
    pub history: History,
    /// The serving role's way to the tenants' tables.
    pub db: Db,
    /// Wrap the tenants' data keys.
    pub keys: Arc<WrappingKeys>,
    /// Makes the data keys.
    pub entropy: Arc<dyn Entropy>,
    /// Takes in the first administrator.
    pub users: Arc<dyn UserDirectory>,
    /// Hashes and sets their password.
    pub credentials: Arc<dyn Credentials>,
    /// Makes them the owner.
    pub grants: Arc<dyn RoleGrants>,
    /// The tenants' own logs.
    pub audit: Arc<dyn AuditSink>,
}

/// The use cases of the control plane on tenants. Cheap to clone.
#[derive(Clone)]
pub struct Tenants {
    pub(crate) deps: Arc<TenantDeps>,
}

impl Tenants {
    /// The use cases, on those dependencies.
    pub fn new(deps: TenantDeps) -> Self {
        Self { deps: Arc::new(deps) }
    }

    /// A request of the platform's own in `tenant`.
    pub(crate) fn context(ctx: &PlatformContext, tenant: Arc<Tenant>, pass: Pass) -> RequestContext {
        RequestContext::new(tenant, ctx.principal(), pass, ctx.origin.clone(), ctx.now)
    }

    /// Writes what an operator did to the tenant into the tenant's own log.
    async fn tell(
        &self,
        ctx: &PlatformContext,
        tenant: &TenantRecord,
        action: &'static str,
        changes: Changes,
    ) -> Result<(), TenancyError> {
        let ctx = Self::context(ctx, tenant.to_tenant(&self.deps.keys)?, Pass::Job(Uuid::nil()));
        let activity = activity(action, tenant.id, &tenant.name).changes(changes);
        self.deps
            .db
            .write(&ctx, async |tx| {
                tx.open().await?;
                self.deps.audit.record(tx, activity.clone());
                Ok(())
            })
            .await
    }
}

/// An activity on the tenant itself.
fn activity(action: &'static str, tenant: TenantId, name: &str) -> Activity {
    Activity::new(action, "tenant", tenant.0).label(name)
}
