//! From a name to a tenant, as a serving node knows it: the view `tenant_directory`, the tenant's settings, and a cache
//! that the gate makes harmless.

mod cache;
mod load;
mod profile;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use diesel_async::{AsyncPgConnection, pooled_connection::deadpool::Pool};
use ouvira_common::{
    db::{Db, Endpoint, Pools},
    id::TenantId,
    ports::{ResolveError, TenantName, TenantResolver},
    sealing::WrappingKeys,
    tenant::Tenant,
};

pub use profile::TenantProfile;

use self::{
    cache::{Cache, Found, Name},
    load::Nowhere,
};
use crate::pool::pool;

/// Connections to the directory at most; a tenant is asked for once in a [`CacheLimits::fresh`].
const CONNECTIONS: usize = 2;

/// How long a node believes what it was told.
#[derive(Debug, Clone, Copy)]
pub struct CacheLimits {
    /// A tenant: 30 s. What matters sooner (state, placement) the gate tells with every transaction.
    pub fresh: Duration,
    /// That there is none of a name: 2 s.
    pub unknown: Duration,
    /// Most tenants, most names, most unknown names kept: 20,000 each.
    pub capacity: usize,
}

impl Default for CacheLimits {
    fn default() -> Self {
        Self { fresh: Duration::from_secs(30), unknown: Duration::from_secs(2), capacity: 20_000 }
    }
}

struct Inner {
    keys: Arc<WrappingKeys>,
    view: Pool<AsyncPgConnection>,
    settings: Db,
    cache: Cache,
}

/// The tenants, as `ouvira_app` may know them. Cheap to clone; one for a process.
#[derive(Clone)]
pub struct Directory(Arc<Inner>);

impl Directory {
    /// The directory behind `app`, which names the role `ouvira_app` and the catalog's database; `keys` unwrap the tenants'
    /// data keys. Nothing is opened yet.
    pub fn new(app: &Endpoint, keys: Arc<WrappingKeys>, limits: CacheLimits) -> Self {
        let settings = Db::new(Pools::new(app, CONNECTIONS), Arc::new(Nowhere));
        Self(Arc::new(Inner { keys, view: pool(app, CONNECTIONS), settings, cache: Cache::new(limits) }))
    }

    async fn load_into_cache(&self, name: Name) -> Result<Arc<Tenant>, ResolveError> {
        let Some(tenant) = self.load(&name).await? else {
            self.0.cache.put_unknown(name, Instant::now());
            return Err(ResolveError::NotFound);
        };
        let tenant = Arc::new(tenant);
        self.0.cache.put(name, Arc::clone(&tenant), Instant::now());
        Ok(tenant)
    }
}

#[async_trait]
impl TenantResolver for Directory {
    async fn resolve(&self, name: TenantName<'_>) -> Result<Arc<Tenant>, ResolveError> {
        match self.0.cache.get(name, Instant::now()) {
            Found::Fresh(tenant) => Ok(tenant),
            Found::Unknown => Err(ResolveError::NotFound),
            Found::Nothing => self.load_into_cache(Name::from(name)).await,
            // An old answer is better than none: the gate has the last word on it, if its database can be reached.
            Found::Stale(tenant) => match self.load_into_cache(Name::from(name)).await {
                Err(ResolveError::Unavailable(reason)) => {
                    tracing::warn!(%reason, tenant = %tenant.id, "the directory cannot be asked; going on with what it last said");
                    Ok(tenant)
                }
                loaded => loaded,
            },
        }
    }

    async fn resolve_anew(&self, id: TenantId) -> Result<Arc<Tenant>, ResolveError> {
        self.load_into_cache(Name::Id(id)).await
    }
}
