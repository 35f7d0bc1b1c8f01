//! What a user holds in the tenant, at one version of their rights.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use ouvira_common::{
    db::RightsVersion,
    id::{CompanyId, RoleId},
    permission::Scope,
    ports::Visible,
    time::Timestamp,
};

use super::{Facts, PermissionRef, PermissionSet};

/// What is held in one company: places in the list of sets, since most companies of a tree share theirs.
#[derive(Debug, Clone, Copy)]
struct Reach {
    company: CompanyId,
    /// Held in this company.
    here: u32,
    /// The part of it that reaches down to the companies below.
    below: u32,
    removed: bool,
}

/// A user's rights, decided once. Right for exactly the version it was taken at, and until the first grant ends.
#[derive(Debug)]
pub(crate) struct Snapshot {
    version: RightsVersion,
    until: Option<Timestamp>,
    /// Tenant-wide: first in the list of sets.
    sets: Vec<PermissionSet>,
    /// Sorted by company; tenant-wide permissions are in every set already.
    companies: Vec<Reach>,
    /// Sorted; entered only with a second factor.
    guarded: Arc<[CompanyId]>,
}

/// Of the tenant-wide set in [`Snapshot::sets`].
const TENANT: u32 = 0;

impl Snapshot {
    /// What follows from `facts`, which were found at `version`.
    pub(crate) fn of(facts: &Facts, version: RightsVersion) -> Self {
        let mut sets = Sets::default();
        let tenant = facts
            .roles_at(None)
            .fold(PermissionSet::default(), |set, (_, role)| set.union(&role.permissions));
        sets.intern(tenant);
        let companies = Descent::new(facts, &mut sets).companies();
        let mut guarded = facts.guarded.clone();
        guarded.sort_unstable();
        Self { version, until: facts.until, sets: sets.all, companies, guarded: guarded.into() }
    }

    /// The version it is right for.
    pub(crate) fn version(&self) -> RightsVersion {
        self.version
    }

    /// Whether nothing in it has ended by `now`.
    pub(crate) fn in_force(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// How much room it takes, in companies.
    pub(crate) fn weight(&self) -> usize {
        1 + self.companies.len() + self.guarded.len()
    }

    /// What is held there. In a company that the snapshot does not know that is what is held tenant-wide.
    pub(crate) fn held_in(&self, scope: Scope) -> &PermissionSet {
        self.set(scope, |reach| reach.here)
    }

    /// What is held there and in every company below.
    pub(crate) fn held_below(&self, scope: Scope) -> &PermissionSet {
        self.set(scope, |reach| reach.below)
    }

    /// Whether that is a company which is entered only with a second factor.
    pub(crate) fn is_guarded(&self, scope: Scope) -> bool {
        match scope {
            Scope::Tenant => false,
            Scope::Company(company) | Scope::Removed(company) => self.guarded.binary_search(&company).is_ok(),
        }
    }

    /// In which companies the permission is held; without those that need a second factor which was not `shown`.
    pub(crate) fn visible(&self, permission: PermissionRef, shown: bool) -> Visible {
        let open = |company: &CompanyId| shown || self.guarded.binary_search(company).is_err();
        if self.sets[TENANT as usize].holds(permission) {
            let all = shown || self.guarded.is_empty();
            return if all { Visible::All } else { Visible::AllBut(Arc::clone(&self.guarded)) };
        }
        let held: Vec<bool> = self.sets.iter().map(|set| set.holds(permission)).collect();
        let reaches = self
            .companies
            .iter()
            .filter(|reach| held[reach.here as usize] && !reach.removed && open(&reach.company));
        Visible::Ids(reaches.map(|reach| reach.company).collect())
    }

    fn set(&self, scope: Scope, part: impl Fn(&Reach) -> u32) -> &PermissionSet {
        let (company, removed_too) = match scope {
            Scope::Tenant => return &self.sets[TENANT as usize],
            Scope::Company(company) => (company, false),
            Scope::Removed(company) => (company, true),
        };
        let found = self.companies.binary_search_by_key(&company, |reach| reach.company);
        let reach = found.ok().map(|at| &self.companies[at]).filter(|reach| removed_too || !reach.removed);
        &self.sets[reach.map_or(TENANT, part) as usize]
    }
}

/// Sets, each kept once.
#[derive(Default)]
struct Sets {
    all: Vec<PermissionSet>,
    places: HashMap<PermissionSet, u32>,
}

impl Sets {
    fn intern(&mut self, set: PermissionSet) -> u32 {
        match self.places.entry(set) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                let place = u32::try_from(self.all.len()).expect("there are fewer sets than companies");
                self.all.push(entry.key().clone());
                *entry.insert(place)
            }
        }
    }

    /// The set at `place` and those of `more` together.
    fn with<'a>(&mut self, place: u32, more: impl Iterator<Item = &'a PermissionSet>) -> u32 {
        let mut more = more.peekable();
        if more.peek().is_none() {
            return place;
        }
        let union = more.fold(self.all[place as usize].clone(), |union, set| union.union(set));
        self.intern(union)
    }
}

/// Going down the tree: what a company passes on is what came from above and what its own inheriting roles add.
struct Descent<'a> {
    facts: &'a Facts,
    sets: &'a mut Sets,
    own: HashMap<CompanyId, Vec<RoleId>>,
    parents: HashMap<CompanyId, Option<CompanyId>>,
    below: HashMap<CompanyId, u32>,
}

impl<'a> Descent<'a> {
    fn new(facts: &'a Facts, sets: &'a mut Sets) -> Self {
        let mut own: HashMap<CompanyId, Vec<RoleId>> = HashMap::new();
        for held in &facts.held {
            if let Some(company) = held.company {
                own.entry(company).or_default().push(held.role);
            }
        }
        Self { facts, sets, own, parents: facts.parents(), below: HashMap::new() }
    }

    fn companies(mut self) -> Vec<Reach> {
        let facts = self.facts;
        let mut companies: Vec<Reach> = Vec::with_capacity(facts.companies.len());
        for node in &facts.companies {
            let below = self.below(node.id);
            let from_above = node.parent.map_or(TENANT, |parent| self.below(parent));
            let direct = self.roles(node.id, |_| true);
            let here = self.sets.with(from_above, direct.iter().copied());
            companies.push(Reach { company: node.id, here, below, removed: node.removed });
        }
        companies.sort_unstable_by_key(|reach| reach.company);
        companies.dedup_by_key(|reach| reach.company);
        self.add_objects(&mut companies);
        companies
    }

    /// The set that `company` passes on. Not recursive: trees may be deep.
    fn below(&mut self, company: CompanyId) -> u32 {
        let mut path = Vec::new();
        let mut at = Some(company);
        let mut known = TENANT;
        while let Some(step) = at {
            if let Some(place) = self.below.get(&step) {
                known = *place;
                break;
            }
            // Above what the facts hold nothing comes down but what is held tenant-wide.
            let Some(parent) = self.parents.get(&step) else { break };
            path.push(step);
            // A tree has no cycles; if one had, this would not be where to hang.
            at = parent.filter(|_| path.len() <= self.parents.len());
        }
        for step in path.into_iter().rev() {
            let inheriting = self.roles(step, |inherits| inherits);
            known = self.sets.with(known, inheriting.into_iter());
            self.below.insert(step, known);
        }
        known
    }

    /// What the roles held in that company give.
    fn roles(&self, company: CompanyId, chosen: impl Fn(bool) -> bool) -> Vec<&'a PermissionSet> {
        let facts = self.facts;
        let held = self.own.get(&company).into_iter().flatten();
        held.filter_map(|role| facts.roles.get(role))
            .filter(|role| chosen(role.inherits))
            .map(|role| &role.permissions)
            .collect()
    }

    /// Grants on single companies count there and not below.
    fn add_objects(&mut self, companies: &mut [Reach]) {
        for right in self.facts.object_rights() {
            if let Ok(at) = companies.binary_search_by_key(&right.company, |reach| reach.company) {
                let granted = PermissionSet::from_iter([right.permission]);
                companies[at].here = self.sets.with(companies[at].here, std::iter::once(&granted));
            }
        }
    }
}
