//! Why somebody may, or may not: the same decision as a snapshot's, made from what is found, with every reason for it.

use std::collections::{HashMap, HashSet};

use ouvira_common::id::{CompanyId, RoleId, UserId};
use uuid::Uuid;

use super::{CompanyNode, HeldRole, PermissionRef, RoleFacts};
use crate::model::GrantHolder;

/// How a right came to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Via {
    /// By a role in the company itself.
    Membership,
    /// By a role in a company above that reaches down.
    Inherited,
    /// By a role in the whole tenant.
    Tenant,
    /// By a grant on the object.
    ObjectGrant,
}

/// One reason why somebody may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Ground {
    /// The role behind it; `None` for a grant to the user.
    pub(crate) role: Option<RoleId>,
    /// The company where the role is held; `None` for the whole tenant.
    pub(crate) company: Option<CompanyId>,
    pub(crate) via: Via,
}

/// An object that is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectName {
    /// Singular name of its kind, such as `company`.
    pub kind: String,
    /// Its id.
    pub id: Uuid,
}

impl ObjectName {
    /// The company itself, as an object.
    pub(crate) fn company(id: CompanyId) -> Self {
        Self { kind: COMPANY.to_owned(), id: id.0 }
    }

    /// The company that this is.
    pub(crate) fn as_company(&self) -> Option<CompanyId> {
        (self.kind == COMPANY).then_some(CompanyId(self.id))
    }
}

/// The kind of object that a company is: a grant on one is a right in it.
pub(crate) const COMPANY: &str = "company";

/// A permission on one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ObjectFact {
    pub(crate) holder: GrantHolder,
    pub(crate) permission: PermissionRef,
    pub(crate) object: ObjectName,
}

/// What the answers to some questions follow from.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    /// Users who can sign in.
    pub(crate) active: HashSet<UserId>,
    /// Roles that count now, of the users asked about.
    pub(crate) held: HashMap<UserId, Vec<HeldRole>>,
    /// What those roles give, and the roles with grants on objects.
    pub(crate) roles: HashMap<RoleId, RoleFacts>,
    /// The companies asked about, and all above them.
    pub(crate) companies: HashMap<CompanyId, CompanyNode>,
    /// Grants on the objects asked about.
    pub(crate) objects: Vec<ObjectFact>,
}

impl Evidence {
    /// Every reason why `user` holds `permission` in the scope of a company, or tenant-wide, or on `object`; none when
    /// they do not.
    pub(crate) fn grounds(
        &self,
        user: UserId,
        permission: PermissionRef,
        company: Option<CompanyId>,
        object: Option<&ObjectName>,
    ) -> Vec<Ground> {
        let company = object.and_then(ObjectName::as_company).or(company);
        let present = |id| self.companies.get(&id).is_some_and(|node| !node.removed);
        if !self.active.contains(&user) || company.is_some_and(|id| !present(id)) {
            return Vec::new();
        }
        let mut grounds = self.by_roles(user, company, |role| {
            self.roles.get(&role).is_some_and(|role| role.permissions.holds(permission))
        });
        let itself = company.map(ObjectName::company);
        let others = object.filter(|object| Some(*object) != itself.as_ref());
        for object in itself.as_ref().into_iter().chain(others) {
            grounds.extend(self.by_grants(user, permission, company, object));
        }
        grounds
    }

    /// Where the user holds one of the roles that `counts` chooses, so that it counts in `company`.
    fn by_roles(
        &self,
        user: UserId,
        company: Option<CompanyId>,
        counts: impl Fn(RoleId) -> bool,
    ) -> Vec<Ground> {
        let held = self.held.get(&user).map_or(&[][..], Vec::as_slice);
        let path: Vec<CompanyId> = self.path(company).collect();
        let ground = |held: &HeldRole| {
            let via = match held.company {
                None => Via::Tenant,
                Some(at) if Some(at) == company => Via::Membership,
                Some(at) if path.contains(&at) && self.inherits(held.role) => Via::Inherited,
                Some(_) => return None,
            };
            Some(Ground { role: Some(held.role), company: held.company, via })
        };
        held.iter().filter(|held| counts(held.role)).filter_map(ground).collect()
    }

    /// Grants of the permission on the object that count for the user.
    fn by_grants(
        &self,
        user: UserId,
        permission: PermissionRef,
        company: Option<CompanyId>,
        object: &ObjectName,
    ) -> Vec<Ground> {
        let on_it =
            self.objects.iter().filter(|grant| grant.permission == permission && grant.object == *object);
        on_it
            .filter_map(|grant| match grant.holder {
                GrantHolder::User(holder) => (holder == user).then_some(None),
                GrantHolder::Role(role) => {
                    let held = self.by_roles(user, company, |candidate| candidate == role);
                    (!held.is_empty()).then_some(Some(role))
                }
            })
            .map(|role| Ground { role, company, via: Via::ObjectGrant })
            .collect()
    }

    fn inherits(&self, role: RoleId) -> bool {
        self.roles.get(&role).is_some_and(|role| role.inherits)
    }

    /// The company and all above it.
    fn path(&self, company: Option<CompanyId>) -> impl Iterator<Item = CompanyId> {
        let parent = |id: &CompanyId| self.companies.get(id).and_then(|node| node.parent);
        std::iter::successors(company, parent).take(self.companies.len() + 1)
    }
}
