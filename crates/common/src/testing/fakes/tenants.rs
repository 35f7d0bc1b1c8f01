use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;

use super::kept;
use crate::{
    id::TenantId,
    ports::{ResolveError, TenantName, TenantResolver},
    tenant::Tenant,
};

/// Knows the tenants it was given.
#[derive(Debug, Default)]
pub struct FixedTenants(Mutex<HashMap<TenantId, Arc<Tenant>>>);

impl FixedTenants {
    /// Knows one.
    pub fn of(tenant: Arc<Tenant>) -> Self {
        let tenants = Self::default();
        tenants.put(tenant);
        tenants
    }

    /// From now on knows `tenant` as given.
    pub fn put(&self, tenant: Arc<Tenant>) {
        kept(&self.0).insert(tenant.id, tenant);
    }
}

#[async_trait]
impl TenantResolver for FixedTenants {
    async fn resolve(&self, name: TenantName<'_>) -> Result<Arc<Tenant>, ResolveError> {
        let tenants = kept(&self.0);
        let found = match name {
            TenantName::Id(id) => tenants.get(&id),
            TenantName::Slug(slug) => tenants.values().find(|tenant| tenant.slug == slug),
            TenantName::Domain(_) => None,
        };
        found.cloned().ok_or(ResolveError::NotFound)
    }

    async fn resolve_anew(&self, id: TenantId) -> Result<Arc<Tenant>, ResolveError> {
        self.resolve(TenantName::Id(id)).await
    }
}
