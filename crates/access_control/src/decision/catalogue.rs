//! The system's own permissions and roles, as all installed domains declare them.

use std::{collections::HashMap, sync::Arc};

use ouvira_common::{
    id::RoleId,
    permission::{Permission, SystemRole, system_id},
};
use uuid::Uuid;

use super::{PermissionRef, PermissionSet, RoleFacts};

/// Most permissions that all domains together may declare: the bits of a set.
const CAPACITY: usize = 128;

/// A permission of the system with its fixed id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemPermission {
    pub(crate) id: Uuid,
    pub(crate) declared: &'static Permission,
}

#[derive(Debug)]
struct Inner {
    permissions: Vec<SystemPermission>,
    by_code: HashMap<&'static str, u8>,
    by_id: HashMap<Uuid, u8>,
    roles: [(RoleId, PermissionSet); SystemRole::ALL.len()],
}

/// The permissions declared by the installed domains and what the system roles hold of them. Ids are fixed: `UUIDv5` of the
/// code. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Catalogue(Arc<Inner>);

impl Catalogue {
    /// The catalogue of these domains' permissions.
    ///
    /// Panics when two of them have one code, or when there are more than 128: mistakes of whoever builds the service.
    pub fn new(domains: &[&'static [Permission]]) -> Self {
        let declared: Vec<&'static Permission> = domains.iter().copied().flatten().collect();
        assert!(declared.len() <= CAPACITY, "{} permissions do not fit into {CAPACITY} bits", declared.len());
        let permissions: Vec<_> = declared
            .iter()
            .map(|declared| SystemPermission { id: system_id("permission", declared.code), declared })
            .collect();
        let numbered = || (0u8..).zip(&permissions);
        let by_code: HashMap<_, _> =
            numbered().map(|(bit, permission)| (permission.declared.code, bit)).collect();
        assert!(by_code.len() == permissions.len(), "two domains declare a permission of the same code");
        let by_id = numbered().map(|(bit, permission)| (permission.id, bit)).collect();
        let roles = SystemRole::ALL.map(|role| {
            let held = numbered().filter(|(_, permission)| permission.declared.held_by.contains(&role));
            let set = PermissionSet::of_system(held.map(|(bit, _)| bit));
            let set = match role {
                SystemRole::Owner => PermissionSet::everything(),
                SystemRole::Admin => set.with_every_custom(),
                SystemRole::Analyst | SystemRole::Member | SystemRole::Viewer => set,
            };
            (RoleId(system_id("role", role.code())), set)
        });
        Self(Arc::new(Inner { permissions, by_code, by_id, roles }))
    }

    /// The fixed id of a system role.
    pub fn role_id(&self, role: SystemRole) -> RoleId {
        self.0.roles[role as usize].0
    }

    /// The system role of that id.
    pub fn system_role(&self, id: RoleId) -> Option<SystemRole> {
        SystemRole::ALL.into_iter().find(|role| self.role_id(*role) == id)
    }

    /// What a system role holds.
    pub(crate) fn held_by(&self, role: SystemRole) -> &PermissionSet {
        &self.0.roles[role as usize].1
    }

    /// Whether what a system role gives in a company reaches down to the companies below it.
    pub(crate) const fn inherits(role: SystemRole) -> bool {
        matches!(role, SystemRole::Owner | SystemRole::Admin)
    }

    /// What a system role gives.
    pub(crate) fn facts(&self, role: SystemRole) -> RoleFacts {
        RoleFacts { permissions: self.held_by(role).clone(), inherits: Self::inherits(role) }
    }

    /// All permissions of the system, in the order in which they were declared.
    pub(crate) fn permissions(&self) -> &[SystemPermission] {
        &self.0.permissions
    }

    /// The permission of that code.
    pub(crate) fn by_code(&self, code: &str) -> Option<&SystemPermission> {
        self.0.by_code.get(code).map(|bit| &self.0.permissions[usize::from(*bit)])
    }

    /// The permission of that id.
    pub(crate) fn by_id(&self, id: Uuid) -> Option<&SystemPermission> {
        self.0.by_id.get(&id).map(|bit| &self.0.permissions[usize::from(*bit)])
    }

    /// How sets know a permission declared by a domain.
    pub(crate) fn reference(&self, permission: &Permission) -> PermissionRef {
        self.0.by_code.get(permission.code).map_or(PermissionRef::Unknown, |bit| PermissionRef::System(*bit))
    }

    /// How sets know the permission of that id, the system's or the tenant's own.
    pub(crate) fn reference_to(&self, id: Uuid) -> PermissionRef {
        self.0.by_id.get(&id).map_or(PermissionRef::Custom(id), |bit| PermissionRef::System(*bit))
    }

    /// Codes of the system's permissions in `set`.
    pub(crate) fn codes<'a>(&'a self, set: &'a PermissionSet) -> impl Iterator<Item = &'static str> + 'a {
        let numbered = (0u8..).zip(&self.0.permissions);
        numbered
            .filter(|(bit, _)| set.holds(PermissionRef::System(*bit)))
            .map(|(_, permission)| permission.declared.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::{MEMBER_READ, PERMISSIONS, ROLE_GRANT};

    const LATER: Permission = Permission { code: "later.invented", description: "", held_by: &[] };

    #[test]
    fn system_roles_hold_what_the_domains_say() {
        let catalogue = Catalogue::new(&[PERMISSIONS]);
        let holds = |role, permission| catalogue.held_by(role).holds(catalogue.reference(permission));
        assert!(holds(SystemRole::Owner, &ROLE_GRANT) && holds(SystemRole::Admin, &ROLE_GRANT));
        assert!(!holds(SystemRole::Analyst, &ROLE_GRANT) && holds(SystemRole::Analyst, &MEMBER_READ));
        assert!(holds(SystemRole::Member, &MEMBER_READ) && !holds(SystemRole::Viewer, &MEMBER_READ));
        assert!(holds(SystemRole::Owner, &LATER) && !holds(SystemRole::Admin, &LATER));
    }

    #[test]
    fn ids_are_fixed() {
        let catalogue = Catalogue::new(&[PERMISSIONS]);
        let owner = catalogue.role_id(SystemRole::Owner);
        assert_eq!(owner, RoleId(system_id("role", "owner")));
        assert_eq!(catalogue.system_role(owner), Some(SystemRole::Owner));
        let id = system_id("permission", MEMBER_READ.code);
        assert_eq!(catalogue.by_id(id).map(|permission| permission.declared), Some(&MEMBER_READ));
    }

    #[test]
    #[should_panic(expected = "the same code")]
    fn a_code_declared_twice_stops_the_start() {
        Catalogue::new(&[PERMISSIONS, PERMISSIONS]);
    }
}
