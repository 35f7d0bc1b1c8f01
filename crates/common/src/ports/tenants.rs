//! From a name to a tenant.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    id::TenantId,
    problem::{Code, Failure},
    tenant::Tenant,
};

/// How a caller names a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenantName<'a> {
    /// `X-Tenant`, or the first label below the base domain.
    Slug(&'a str),
    /// A custom domain of the catalog.
    Domain(&'a str),
    /// From a token or a job.
    Id(TenantId),
}

/// No tenant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// There is none of that name.
    #[error("there is no such tenant")]
    NotFound,
    /// The catalog cannot be asked.
    #[error("the catalog cannot be asked: {0}")]
    Unavailable(String),
}

impl Failure for ResolveError {
    fn code(&self) -> Code {
        match self {
            Self::NotFound => Code::TenantNotFound,
            Self::Unavailable(_) => Code::ServiceUnavailable,
        }
    }
}

/// Finds tenants. Implemented by tenancy with a cache; the gate makes staleness harmless.
#[async_trait]
pub trait TenantResolver: Send + Sync {
    /// The tenant of that name, perhaps from the cache.
    async fn resolve(&self, name: TenantName<'_>) -> Result<Arc<Tenant>, ResolveError>;

    /// The tenant as the catalog has it now; the cache has it from then on.
    async fn resolve_anew(&self, id: TenantId) -> Result<Arc<Tenant>, ResolveError>;
}
