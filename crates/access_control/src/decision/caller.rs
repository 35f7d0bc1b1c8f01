//! Whoever asks.

use std::sync::Arc;

use ouvira_common::{
    permission::{Permission, Scope, SystemRole},
    ports::{Denied, Visible},
};

use super::{Catalogue, PermissionRef, PermissionSet, Snapshot};
use crate::AccessError;

/// What a caller holds, by the pass they showed.
#[derive(Debug, Clone)]
enum Holder {
    /// Nobody has signed in.
    Nobody,
    /// A job, or the first rows of a tenant.
    Everything,
    /// An operator: what `admin` holds, tenant-wide.
    Operator,
    /// A user, at one version of their rights.
    User(Arc<Snapshot>),
}

/// A caller's rights within one transaction.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    catalogue: Catalogue,
    holder: Holder,
}

impl Caller {
    pub(crate) fn nobody(catalogue: &Catalogue) -> Self {
        Self { catalogue: catalogue.clone(), holder: Holder::Nobody }
    }

    pub(crate) fn everything(catalogue: &Catalogue) -> Self {
        Self { catalogue: catalogue.clone(), holder: Holder::Everything }
    }

    pub(crate) fn operator(catalogue: &Catalogue) -> Self {
        Self { catalogue: catalogue.clone(), holder: Holder::Operator }
    }

    pub(crate) fn user(catalogue: &Catalogue, snapshot: Arc<Snapshot>) -> Self {
        Self { catalogue: catalogue.clone(), holder: Holder::User(snapshot) }
    }

    /// Fails when the permission is not held there.
    pub(crate) fn require(&self, permission: &Permission, scope: Scope) -> Result<(), Denied> {
        if self.holds(permission, scope) { Ok(()) } else { Err(Denied::Missing(permission.code)) }
    }

    /// The same for something that `read` shows: to who may not even see it, it is not there.
    pub(crate) fn require_on(
        &self,
        permission: &Permission,
        read: &Permission,
        scope: Scope,
    ) -> Result<(), AccessError> {
        match self.require(permission, scope) {
            Err(_) if !self.holds(read, scope) => Err(AccessError::NotFound),
            decision => Ok(decision?),
        }
    }

    /// Whether the permission is held there.
    pub(crate) fn holds(&self, permission: &Permission, scope: Scope) -> bool {
        self.holds_ref(self.catalogue.reference(permission), scope)
    }

    /// The same for one that may be the tenant's own.
    pub(crate) fn holds_ref(&self, permission: PermissionRef, scope: Scope) -> bool {
        match &self.holder {
            Holder::Nobody => false,
            Holder::Everything => true,
            Holder::Operator => self.catalogue.held_by(SystemRole::Admin).holds(permission),
            Holder::User(snapshot) => snapshot.holds(permission, scope),
        }
    }

    /// In which companies the permission is held.
    pub(crate) fn visible(&self, permission: &Permission) -> Visible {
        match &self.holder {
            Holder::User(snapshot) => snapshot.visible(self.catalogue.reference(permission)),
            _ if self.holds(permission, Scope::Tenant) => Visible::All,
            _ => Visible::Ids([].into()),
        }
    }

    /// In which companies the permission is held; refused when that is nowhere.
    pub(crate) fn require_anywhere(&self, permission: &Permission) -> Result<Visible, Denied> {
        match self.visible(permission) {
            Visible::Ids(companies) if companies.is_empty() => Err(Denied::Missing(permission.code)),
            reach => Ok(reach),
        }
    }

    /// Whether the caller holds all of `given` there, and everywhere below when it `inherits`: nobody gives what they do
    /// not hold.
    pub(crate) fn covers(&self, given: &PermissionSet, inherits: bool, scope: Scope) -> bool {
        match &self.holder {
            Holder::Nobody => given.is_empty(),
            Holder::Everything => true,
            Holder::Operator => self.catalogue.held_by(SystemRole::Admin).covers(given),
            Holder::User(snapshot) if inherits => snapshot.held_below(scope).covers(given),
            Holder::User(snapshot) => snapshot.held_in(scope).covers(given),
        }
    }

    /// What is held there.
    pub(crate) fn held_in(&self, scope: Scope) -> PermissionSet {
        match &self.holder {
            Holder::Nobody => PermissionSet::default(),
            Holder::Everything => PermissionSet::everything(),
            Holder::Operator => self.catalogue.held_by(SystemRole::Admin).clone(),
            Holder::User(snapshot) => snapshot.held_in(scope).clone(),
        }
    }
}
