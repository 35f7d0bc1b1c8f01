//! Sets of permissions.

use std::sync::LazyLock;

use uuid::Uuid;

/// A permission, as a set knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum PermissionRef {
    /// One of the system's own, by its place in the catalogue.
    System(u8),
    /// One of the tenant's own, by its id.
    Custom(Uuid),
    /// One that this deployment does not have: only who holds everything holds it.
    Unknown,
}

/// Permissions held together. The system's own are bits, the tenant's own a sorted list, and two flags stand for the ones
/// that come later.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct PermissionSet {
    system: u128,
    custom: Box<[Uuid]>,
    every_custom: bool,
    everything: bool,
}

static NOTHING: LazyLock<PermissionSet> = LazyLock::new(PermissionSet::default);
static EVERYTHING: LazyLock<PermissionSet> = LazyLock::new(PermissionSet::everything);

impl PermissionSet {
    /// No permission.
    pub(crate) fn nothing() -> &'static Self {
        &NOTHING
    }

    /// Every permission, later ones included.
    pub(crate) fn all() -> &'static Self {
        &EVERYTHING
    }

    /// Every permission, later ones included: the owner's.
    pub(crate) fn everything() -> Self {
        Self { system: u128::MAX, custom: Box::default(), every_custom: true, everything: true }
    }

    /// Permissions of the catalogue.
    pub(crate) fn of_system(bits: impl IntoIterator<Item = u8>) -> Self {
        let system = bits.into_iter().fold(0, |set, bit| set | 1 << bit);
        Self { system, ..Self::default() }
    }

    /// The same with all permissions that the tenant added or will add.
    pub(crate) fn with_every_custom(self) -> Self {
        Self { every_custom: true, custom: Box::default(), ..self }
    }

    /// Whether the tenant's own permissions are all in it.
    pub(crate) fn has_every_custom(&self) -> bool {
        self.every_custom
    }

    /// Whether there is nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.system == 0 && self.custom.is_empty() && !self.every_custom
    }

    /// Whether the permission is in it.
    pub(crate) fn holds(&self, permission: PermissionRef) -> bool {
        match permission {
            PermissionRef::System(bit) => self.system >> bit & 1 == 1,
            PermissionRef::Custom(id) => self.every_custom || self.custom.binary_search(&id).is_ok(),
            PermissionRef::Unknown => self.everything,
        }
    }

    /// Whether everything in `other` is in it.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        other.system & !self.system == 0
            && (self.every_custom || !other.every_custom)
            && (self.everything || !other.everything)
            && (self.every_custom || other.custom.iter().all(|id| self.custom.binary_search(id).is_ok()))
    }

    /// Both together.
    pub(crate) fn union(&self, other: &Self) -> Self {
        let every_custom = self.every_custom || other.every_custom;
        let mut custom = Vec::new();
        if !every_custom {
            custom = [&*self.custom, &*other.custom].concat();
            custom.sort_unstable();
            custom.dedup();
        }
        Self {
            system: self.system | other.system,
            custom: custom.into(),
            every_custom,
            everything: self.everything || other.everything,
        }
    }
}

impl FromIterator<PermissionRef> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = PermissionRef>>(permissions: I) -> Self {
        let mut set = Self::default();
        let mut custom = Vec::new();
        for permission in permissions {
            match permission {
                PermissionRef::System(bit) => set.system |= 1 << bit,
                PermissionRef::Custom(id) => custom.push(id),
                PermissionRef::Unknown => {}
            }
        }
        custom.sort_unstable();
        custom.dedup();
        set.custom = custom.into();
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: PermissionRef = PermissionRef::System(3);
    const B: PermissionRef = PermissionRef::System(127);
    const OWN: PermissionRef = PermissionRef::Custom(Uuid::from_u128(7));
    const OTHER: PermissionRef = PermissionRef::Custom(Uuid::from_u128(8));

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        let set: PermissionSet = [A, OWN].into_iter().collect();
        assert!(set.holds(A) && set.holds(OWN));
        assert!(!set.holds(B) && !set.holds(OTHER) && !set.holds(PermissionRef::Unknown));
    }

    #[test]
    fn the_owners_set_holds_what_nobody_declared_yet() {
        let owner = PermissionSet::everything();
        assert!([A, B, OWN, PermissionRef::Unknown].into_iter().all(|permission| owner.holds(permission)));
    }

    #[test]
    fn covering_is_holding_each_of_them() {
        let (small, large): (PermissionSet, PermissionSet) =
            ([A].into_iter().collect(), [A, OWN].into_iter().collect());
        assert!(large.covers(&small) && !small.covers(&large));
        let system_only = PermissionSet::of_system(0..128);
        assert!(!system_only.covers(&large), "a permission of the tenant's own is missing");
        assert!(system_only.clone().with_every_custom().covers(&large));
        assert!(!system_only.clone().with_every_custom().covers(&PermissionSet::everything()));
        assert!(PermissionSet::everything().covers(&system_only.with_every_custom()));
    }

    #[test]
    fn together_is_either() {
        let (one, two): (PermissionSet, PermissionSet) =
            ([A, OWN].into_iter().collect(), [B, OTHER].into_iter().collect());
        let both = one.union(&two);
        assert!([A, B, OWN, OTHER].into_iter().all(|permission| both.holds(permission)));
        assert!(both.covers(&one) && both.covers(&two));
        assert_eq!(both.union(&one), both);
    }
}
