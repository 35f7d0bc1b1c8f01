//! A tenant as its own people see it, and what they decide of it.

mod read;

use std::sync::Arc;

use ouvira_common::{
    context::RequestContext,
    db::Db,
    id::TenantId,
    ports::{AuditSink, PermissionChecker},
};

use crate::{directory::Directory, error::TenancyError};

pub use read::OwnTenant;

/// What [`Tenancy`] is made from.
#[derive(Clone)]
pub struct TenancyDeps {
    /// The way to the tenants' databases.
    pub db: Db,
    /// Who may change settings.
    pub rights: Arc<dyn PermissionChecker>,
    /// The tenants' own logs.
    pub audit: Arc<dyn AuditSink>,
    /// What the node knows of tenants.
    pub directory: Directory,
}

/// The use cases of a tenant's own people on their tenant. Cheap to clone.
#[derive(Clone)]
pub struct Tenancy {
    pub(crate) deps: Arc<TenancyDeps>,
}

impl Tenancy {
    /// The use cases, on those dependencies.
    pub fn new(deps: TenancyDeps) -> Self {
        Self { deps: Arc::new(deps) }
    }
}

/// There is no tenant for the caller but their own.
pub(crate) fn require_own(ctx: &RequestContext, id: TenantId) -> Result<(), TenancyError> {
    if ctx.tenant_id() == id { Ok(()) } else { Err(TenancyError::NotFound) }
}
