//! The entries of system roles, which have no rows.

use ouvira_common::{
    db::{DbError, Tx},
    id::RoleId,
    permission::{SystemRole, system_id},
};

use crate::{
    AccessControl,
    decision::PermissionRef,
    model::{PermissionId, RolePermission, RolePermissionId, system_since},
    store,
};

impl AccessControl {
    /// That `role` holds `permission`, as an entry of the list.
    pub(super) fn fixed_entry(&self, role: SystemRole, permission: PermissionId) -> RolePermission {
        let name = format!("{}:{permission}", role.code());
        RolePermission {
            id: RolePermissionId(system_id("role_permission", &name)),
            role: self.catalogue().role_id(role),
            permission,
            created_at: system_since(),
        }
    }

    /// What the system roles, or one of them, hold of the system's permissions.
    pub(super) fn fixed_entries(&self, role: Option<RoleId>) -> Vec<RolePermission> {
        let roles = SystemRole::ALL
            .into_iter()
            .filter(|system| role.is_none_or(|id| self.catalogue().role_id(*system) == id));
        let of_role = |role: SystemRole| {
            let held = self.catalogue().held_by(role);
            let permissions = (0u8..).zip(self.catalogue().permissions());
            permissions
                .filter(|(bit, _)| held.holds(PermissionRef::System(*bit)))
                .map(move |(_, permission)| self.fixed_entry(role, PermissionId(permission.id)))
        };
        roles.flat_map(of_role).collect()
    }

    /// The entry of a system role under that id. Owners and administrators hold the tenant's own permissions too.
    pub(super) async fn find_fixed(
        &self,
        tx: &mut Tx,
        id: RolePermissionId,
    ) -> Result<Option<RolePermission>, DbError> {
        if id.0.get_version_num() != 5 {
            return Ok(None);
        }
        if let Some(entry) = self.fixed_entries(None).into_iter().find(|entry| entry.id == id) {
            return Ok(Some(entry));
        }
        let custom = store::permissions::all(tx).await?;
        let entries = [SystemRole::Owner, SystemRole::Admin]
            .into_iter()
            .flat_map(|role| custom.iter().map(move |(permission, _)| self.fixed_entry(role, *permission)));
        Ok(entries.into_iter().find(|entry| entry.id == id))
    }
}
