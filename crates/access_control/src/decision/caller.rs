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
    User {
        snapshot: Arc<Snapshot>,
        /// Whether they signed in with a second factor.
        second_factor: bool,
    },
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

    pub(crate) fn user(catalogue: &Catalogue, snapshot: Arc<Snapshot>, second_factor: bool) -> Self {
        Self { catalogue: catalogue.clone(), holder: Holder::User { snapshot, second_factor } }
    }

    /// Fails when the permission is not held there, or is and the company asks for a second factor that was not shown.
    pub(crate) fn require(&self, permission: &Permission, scope: Scope) -> Result<(), Denied> {
        if !self.granted_in(scope).holds(self.catalogue.reference(permission)) {
            Err(Denied::Missing(permission.code))
        } else if self.is_barred(scope) {
            Err(Denied::SecondFactor)
        } else {
            Ok(())
        }
    }

    /// Whether the caller would have to sign in with a second factor to do anything there.
    pub(crate) fn is_barred(&self, scope: Scope) -> bool {
        match &self.holder {
            Holder::User { snapshot, second_factor } => !second_factor && snapshot.is_guarded(scope),
            Holder::Nobody | Holder::Everything | Holder::Operator => false,
        }
    }

    /// The same for something that `read` shows: to who may not even see it, it is not there.
    pub(crate) fn require_on(
        &self,
        permission: &Permission,
        read: &Permission,
        scope: Scope,
    ) -> Result<(), AccessError> {
        match (self.require(permission, scope), self.require(read, scope)) {
            (Err(Denied::Missing(_)), Err(Denied::Missing(_))) => Err(AccessError::NotFound),
            (decision, _) => Ok(decision?),
        }
    }

    /// Whether the permission is held there.
    pub(crate) fn holds(&self, permission: &Permission, scope: Scope) -> bool {
        self.holds_ref(self.catalogue.reference(permission), scope)
    }

    /// The same for one that may be the tenant's own.
    pub(crate) fn holds_ref(&self, permission: PermissionRef, scope: Scope) -> bool {
        !self.is_barred(scope) && self.granted_in(scope).holds(permission)
    }

    /// In which companies the permission is held.
    pub(crate) fn visible(&self, permission: &Permission) -> Visible {
        match &self.holder {
            Holder::User { snapshot, second_factor } => {
                snapshot.visible(self.catalogue.reference(permission), *second_factor)
            }
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
            Holder::User { snapshot, .. } if inherits => snapshot.held_below(scope).covers(given),
            _ => self.granted_in(scope).covers(given),
        }
    }

    /// What can be used there.
    pub(crate) fn held_in(&self, scope: Scope) -> PermissionSet {
        if self.is_barred(scope) { PermissionSet::default() } else { self.granted_in(scope).clone() }
    }

    /// What was given there, whether or not the sign-in is enough to use it.
    pub(crate) fn granted_in(&self, scope: Scope) -> &PermissionSet {
        match &self.holder {
            Holder::Nobody => PermissionSet::nothing(),
            Holder::Everything => PermissionSet::all(),
            Holder::Operator => self.catalogue.held_by(SystemRole::Admin),
            Holder::User { snapshot, .. } => snapshot.held_in(scope),
        }
    }
}
