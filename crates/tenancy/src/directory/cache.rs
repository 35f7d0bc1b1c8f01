//! What a node remembers of tenants and names.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use ouvira_common::{id::TenantId, ports::TenantName, tenant::Tenant};

use super::CacheLimits;

/// Whoever finds a stale tenant loads it; the others go on with the old one for so long.
const GRACE_WHILE_LOADING: Duration = Duration::from_secs(2);

/// A name that owns its text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Name {
    Slug(Box<str>),
    Domain(Box<str>),
    Id(TenantId),
}

impl From<TenantName<'_>> for Name {
    fn from(name: TenantName<'_>) -> Self {
        match name {
            TenantName::Slug(slug) => Self::Slug(slug.into()),
            TenantName::Domain(domain) => Self::Domain(domain.into()),
            TenantName::Id(id) => Self::Id(id),
        }
    }
}

/// What the cache says.
#[derive(Debug)]
pub(super) enum Found {
    Fresh(Arc<Tenant>),
    /// To be loaded anew, by the caller alone.
    Stale(Arc<Tenant>),
    /// There was none of that name a moment ago.
    Unknown,
    Nothing,
}

#[derive(Default)]
struct Entries {
    tenants: HashMap<TenantId, (Arc<Tenant>, Instant)>,
    slugs: HashMap<Box<str>, TenantId>,
    /// With the time of the answer: a domain may go to another tenant.
    domains: HashMap<Box<str>, (TenantId, Instant)>,
    unknown: HashMap<Name, Instant>,
}

pub(super) struct Cache {
    limits: CacheLimits,
    entries: Mutex<Entries>,
}

impl Cache {
    pub(super) fn new(limits: CacheLimits) -> Self {
        Self { limits, entries: Mutex::default() }
    }

    pub(super) fn get(&self, name: TenantName<'_>, now: Instant) -> Found {
        let mut entries = self.entries();
        let Entries { tenants, slugs, domains, .. } = &mut *entries;
        let (id, name_is_fresh) = match name {
            TenantName::Id(id) => (Some(id), true),
            TenantName::Slug(slug) => (slugs.get(slug).copied(), true),
            TenantName::Domain(domain) => match domains.get_mut(domain) {
                Some((id, loaded)) => (Some(*id), self.limits.is_fresh(loaded, now)),
                None => (None, false),
            },
        };
        if let Some((tenant, loaded)) = id.and_then(|id| tenants.get_mut(&id)) {
            let tenant = Arc::clone(tenant);
            let is_fresh = self.limits.is_fresh(loaded, now) && name_is_fresh;
            return if is_fresh { Found::Fresh(tenant) } else { Found::Stale(tenant) };
        }
        let unknown = entries.unknown.get(&Name::from(name));
        if unknown.is_some_and(|since| now.saturating_duration_since(*since) < self.limits.unknown) {
            Found::Unknown
        } else {
            Found::Nothing
        }
    }

    /// Remembers `tenant` under its id and slug, and under `name`.
    pub(super) fn put(&self, name: Name, tenant: Arc<Tenant>, now: Instant) {
        let mut entries = self.entries();
        let Entries { tenants, slugs, domains, unknown } = &mut *entries;
        let capacity = self.limits.capacity;
        unknown.remove(&name);
        if let Name::Domain(domain) = name {
            make_room(domains, capacity, |(id, _)| tenants.contains_key(id));
            domains.insert(domain, (tenant.id, now));
        }
        make_room(slugs, capacity, |id| tenants.contains_key(id));
        slugs.insert(tenant.slug.as_str().into(), tenant.id);
        make_room(tenants, capacity, |(_, loaded)| {
            now.saturating_duration_since(*loaded) < self.limits.fresh
        });
        tenants.insert(tenant.id, (tenant, now));
    }

    /// Remembers that there is none of that name, and forgets who had it.
    pub(super) fn put_unknown(&self, name: Name, now: Instant) {
        let mut entries = self.entries();
        match &name {
            Name::Id(id) => drop(entries.tenants.remove(id)),
            Name::Slug(slug) => drop(entries.slugs.remove(slug)),
            Name::Domain(domain) => drop(entries.domains.remove(domain)),
        }
        make_room(&mut entries.unknown, self.limits.capacity, |since| {
            now.saturating_duration_since(*since) < self.limits.unknown
        });
        entries.unknown.insert(name, now);
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CacheLimits {
    /// Whether what was loaded then is still to be believed. When it is not, it is believed a little longer from now on:
    /// the caller loads it, and the others need not.
    fn is_fresh(&self, loaded: &mut Instant, now: Instant) -> bool {
        if now.saturating_duration_since(*loaded) < self.fresh {
            return true;
        }
        *loaded =
            self.fresh.checked_sub(GRACE_WHILE_LOADING).and_then(|age| now.checked_sub(age)).unwrap_or(now);
        false
    }
}

/// Before `map` grows past `capacity` it lets go of what is not worth keeping, and if that is nothing, of everything: to
/// ask again is cheap, to remember without bound is not.
fn make_room<K: Eq + Hash, V>(map: &mut HashMap<K, V>, capacity: usize, worth_keeping: impl Fn(&V) -> bool) {
    if map.len() >= capacity {
        map.retain(|_, value| worth_keeping(value));
        if map.len() >= capacity {
            map.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ouvira_common::{
        entropy::OsEntropy,
        sealing::DataKey,
        settings::TenantSettings,
        tenant::{Placement, PlacementMode, TenantState},
    };
    use uuid::Uuid;

    fn tenant(id: u128, slug: &str) -> Arc<Tenant> {
        let id = TenantId(Uuid::from_u128(id));
        Arc::new(Tenant {
            id,
            slug: slug.to_owned(),
            name: slug.to_owned(),
            state: TenantState::Active,
            placement: Placement { mode: PlacementMode::Shared, database: None, epoch: 1 },
            settings: TenantSettings::default(),
            settings_version: 1,
            data_key: DataKey::generate(id, &OsEntropy),
        })
    }

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn a_tenant_is_found_by_all_its_names_until_it_is_stale_and_then_loaded_by_one_caller() {
        let cache = Cache::new(CacheLimits::default());
        let now = Instant::now();
        let acme = tenant(1, "acme");
        cache.put(Name::Domain("acme.example".into()), Arc::clone(&acme), now);
        for name in [TenantName::Slug("acme"), TenantName::Id(acme.id), TenantName::Domain("acme.example")] {
            assert!(matches!(cache.get(name, now + seconds(29)), Found::Fresh(_)));
        }
        assert!(matches!(cache.get(TenantName::Slug("acme"), now + seconds(30)), Found::Stale(_)));
        assert!(matches!(cache.get(TenantName::Slug("acme"), now + seconds(31)), Found::Fresh(_)));
        assert!(matches!(cache.get(TenantName::Slug("acme"), now + seconds(32)), Found::Stale(_)));
    }

    #[test]
    fn a_domain_is_asked_for_anew_though_its_tenant_is_fresh() {
        let cache = Cache::new(CacheLimits::default());
        let now = Instant::now();
        let acme = tenant(1, "acme");
        cache.put(Name::Domain("acme.example".into()), Arc::clone(&acme), now);
        cache.put(Name::Id(acme.id), acme, now + seconds(20));
        assert!(matches!(cache.get(TenantName::Domain("acme.example"), now + seconds(35)), Found::Stale(_)));
    }

    #[test]
    fn an_unknown_name_is_remembered_for_a_moment() {
        let cache = Cache::new(CacheLimits::default());
        let now = Instant::now();
        cache.put_unknown(Name::Slug("acme".into()), now);
        assert!(matches!(cache.get(TenantName::Slug("acme"), now + seconds(1)), Found::Unknown));
        assert!(matches!(cache.get(TenantName::Slug("acme"), now + seconds(2)), Found::Nothing));
        cache.put(Name::Slug("acme".into()), tenant(1, "acme"), now);
        assert!(matches!(cache.get(TenantName::Slug("acme"), now), Found::Fresh(_)));
    }

    #[test]
    fn it_never_grows_past_its_capacity() {
        let cache = Cache::new(CacheLimits { capacity: 10, ..CacheLimits::default() });
        let now = Instant::now();
        for id in 0..100 {
            let slug = format!("t-{id}");
            cache.put(Name::Domain(format!("{slug}.example").into()), tenant(id, &slug), now);
            cache.put_unknown(Name::Slug(format!("u-{id}").into()), now);
        }
        let entries = cache.entries();
        for len in [entries.tenants.len(), entries.slugs.len(), entries.domains.len(), entries.unknown.len()]
        {
            assert!((1..=10).contains(&len), "{len}");
        }
    }
}
