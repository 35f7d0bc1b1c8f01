//! Changing a role of the tenant's own.

use std::collections::HashSet;

use ouvira_common::{context::RequestContext, db::Tx, id::RoleId, permission::Scope};

use super::{
    activity, code_taken,
    create::{Chosen, is_reserved},
    permissions::set_of,
};
use crate::{
    AccessControl, AccessError,
    access_control::expect_version,
    decision::Caller,
    grants::scope_of,
    model::{PermissionId, Role, RoleCode},
    permission::{ROLE_MANAGE, ROLE_READ},
    store,
};

/// What is to be another way; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct RoleEdit {
    /// Name.
    pub name: Option<String>,
    /// Code; `Some(None)` makes it from the name.
    pub code: Option<Option<String>>,
    /// Description; `Some(None)` takes it away.
    pub description: Option<Option<String>>,
    /// Whether it reaches down.
    pub inherits: Option<bool>,
    /// Codes of all permissions it is to hold.
    pub permissions: Option<Vec<String>>,
}

impl RoleEdit {
    /// The role after the edit but for its permissions.
    fn applied_to(&self, before: &Role) -> Result<Role, AccessError> {
        let name = self.name.as_deref().unwrap_or(&before.name);
        let code = match &self.code {
            None => Some(before.code.as_str()),
            Some(code) => code.as_deref(),
        };
        let description =
            self.description.as_ref().map_or(before.description.as_deref(), |text| text.as_deref());
        let chosen = Chosen::parse(name, code, description)?;
        let code = chosen.code.unwrap_or_else(|| RoleCode::from_name(&chosen.name, before.id));
        if is_reserved(code.as_str()) {
            return Err(AccessError::CodeTaken);
        }
        Ok(Role {
            code: code.as_str().to_owned(),
            name: chosen.name,
            description: chosen.description,
            inherits: self.inherits.unwrap_or(before.inherits),
            ..before.clone()
        })
    }
}

impl AccessControl {
    /// Changes a role and answers it after that. Needs `role.manage` where it is, and whatever is added to it; making it
    /// reach down needs all that it holds, in the companies below too. The system's are fixed. `expected` is the version
    /// that was read, when the caller insists on it. Where nothing differs, nothing is written.
    pub async fn update_role(
        &self,
        ctx: &RequestContext,
        id: RoleId,
        edit: &RoleEdit,
        expected: Option<i64>,
    ) -> Result<Role, AccessError> {
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                self.require_manageable(tx, &caller, id).await?;
                self.grants.rights.change_of_all(tx).await?;
                let before = self.readable_role(tx, &caller, id).await?;
                expect_version(before.version, expected)?;
                let mut after = edit.applied_to(&before)?;
                let permissions = match &edit.permissions {
                    None => None,
                    Some(codes) => Some(self.named_permissions(tx, codes).await?),
                };
                let held = self.named_permissions(tx, &before.permissions).await?;
                let held: HashSet<PermissionId> = held.into_keys().collect();
                let wanted: HashSet<PermissionId> = permissions
                    .as_ref()
                    .map_or_else(|| held.clone(), |chosen| chosen.keys().copied().collect());
                if let Some(chosen) = permissions {
                    after.permissions = chosen.into_values().collect();
                    after.permissions.sort_unstable();
                }
                let added: Vec<PermissionId> = wanted.difference(&held).copied().collect();
                let new = if after.inherits && !before.inherits {
                    wanted.iter().collect()
                } else {
                    added.iter().collect::<Vec<_>>()
                };
                if !caller.covers(&set_of(self.catalogue(), new), after.inherits, scope_of(before.company)) {
                    return Err(AccessError::CannotGrant);
                }
                if after == before {
                    return Ok(before);
                }
                after.updated_at = tx.now();
                after.version += 1;
                store::roles::update(tx, &after).await.map_err(code_taken)?;
                store::role_permissions::defer_delete(tx, id, held.difference(&wanted).copied().collect());
                for permission in added {
                    store::role_permissions::defer_insert(tx, self.catalogue(), id, permission);
                }
                self.record(tx, activity("role.updated", Some(&before), Some(&after)));
                Ok(after)
            })
            .await
    }

    /// Fails unless the role is one that the caller may change.
    pub(crate) async fn require_manageable(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        id: RoleId,
    ) -> Result<(), AccessError> {
        let role = self.readable_role(tx, caller, id).await?;
        if role.is_system {
            return Err(AccessError::SystemRole);
        }
        match role.company {
            Some(company) => caller.require_on(&ROLE_MANAGE, &ROLE_READ, Scope::Company(company)),
            None => Ok(caller.require(&ROLE_MANAGE, Scope::Tenant)?),
        }
    }
}
