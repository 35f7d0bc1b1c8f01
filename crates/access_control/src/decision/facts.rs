//! What is known of one user, as it is found in the tables.

use std::collections::HashMap;

use ouvira_common::{
    id::{CompanyId, RoleId},
    time::Timestamp,
};

use super::{PermissionRef, PermissionSet};

/// A role that a user holds now: tenant-wide, or as an active member of a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HeldRole {
    pub(crate) company: Option<CompanyId>,
    pub(crate) role: RoleId,
}

/// What a role gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RoleFacts {
    pub(crate) permissions: PermissionSet,
    /// Whether what it gives in a company reaches down.
    pub(crate) inherits: bool,
}

/// A company and what is above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CompanyNode {
    pub(crate) id: CompanyId,
    pub(crate) parent: Option<CompanyId>,
    pub(crate) removed: bool,
}

/// A permission on one company, given to the user, or to a role for whoever holds it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ObjectRight {
    pub(crate) company: CompanyId,
    pub(crate) permission: PermissionRef,
    pub(crate) role: Option<RoleId>,
}

/// Everything that one user's rights follow from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    /// Roles held now; ended and suspended ones are not among them.
    pub(crate) held: Vec<HeldRole>,
    /// What the held roles give.
    pub(crate) roles: HashMap<RoleId, RoleFacts>,
    /// Companies with a membership, all below where an inheriting role is held, and those with a grant of their own.
    pub(crate) companies: Vec<CompanyNode>,
    /// Grants on single companies, for the user or one of the held roles.
    pub(crate) objects: Vec<ObjectRight>,
    /// Companies that are entered only with a second factor: of the tenant where a role is held tenant-wide, else of
    /// [`Self::companies`].
    pub(crate) guarded: Vec<CompanyId>,
    /// When the first of them ends.
    pub(crate) until: Option<Timestamp>,
}

impl Facts {
    /// The roles held by membership of `company`, or tenant-wide for `None`, with what they give.
    pub(crate) fn roles_at(&self, company: Option<CompanyId>) -> impl Iterator<Item = (RoleId, &RoleFacts)> {
        let held = self.held.iter().filter(move |held| held.company == company);
        held.filter_map(|held| Some((held.role, self.roles.get(&held.role)?)))
    }

    /// What stands above each company.
    pub(crate) fn parents(&self) -> HashMap<CompanyId, Option<CompanyId>> {
        self.companies.iter().map(|node| (node.id, node.parent)).collect()
    }

    /// The grants on single companies that count for the user: their own, and those to a role that they hold there.
    pub(crate) fn object_rights(&self) -> impl Iterator<Item = &ObjectRight> {
        let parents = self.parents();
        self.objects.iter().filter(move |right| {
            right.role.is_none_or(|role| self.holds_role(role, Some(right.company), &parents))
        })
    }

    /// Whether the user holds `role` in `company`: there, tenant-wide, or above when it inherits; for `None` only
    /// tenant-wide counts. `parents` is what stands above each company.
    pub(crate) fn holds_role(
        &self,
        role: RoleId,
        company: Option<CompanyId>,
        parents: &HashMap<CompanyId, Option<CompanyId>>,
    ) -> bool {
        let inherits = self.roles.get(&role).is_some_and(|role| role.inherits);
        let held_at =
            |at: Option<CompanyId>| self.held.iter().any(|held| held.role == role && held.company == at);
        let path = std::iter::successors(company, |at| parents.get(at).copied().flatten());
        let mut above = path.skip(1).take(parents.len());
        held_at(None) || held_at(company) || inherits && above.any(|at| held_at(Some(at)))
    }
}
