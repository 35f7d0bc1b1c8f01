//! What if: roles taken as held, or as not held.

use std::collections::{HashMap, HashSet};

use ouvira_common::{
    id::{CompanyId, RoleId, UserId},
    problem::{FieldCode, FieldError, FieldErrors},
};

use super::question::MAX;
use crate::{
    AccessError,
    decision::{Caller, Evidence, HeldRole},
    grants::{KnownRole, scope_of},
    permission::ROLE_READ,
};

/// That somebody holds a role, or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assumption {
    /// Who.
    pub user: UserId,
    /// Which role.
    pub role: RoleId,
    /// In which company; `None` for tenant-wide.
    pub company: Option<CompanyId>,
}

/// What to take as given; at most a hundred of each.
#[derive(Debug, Clone, Default)]
pub struct Assumptions {
    /// As if these were held.
    pub add: Vec<Assumption>,
    /// As if these were not.
    pub remove: Vec<Assumption>,
}

impl Assumptions {
    pub(super) fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Assumption> {
        self.add.iter().chain(&self.remove)
    }

    /// Fails when there are too many.
    pub(super) fn require_few(&self) -> Result<(), FieldErrors> {
        let mut fields = FieldErrors::default();
        for (pointer, list) in [("/assume/add", &self.add), ("/assume/remove", &self.remove)] {
            if list.len() > MAX {
                let many = FieldError::new(pointer, FieldCode::TooMany);
                fields.push(many.with("max", i64::try_from(MAX).unwrap_or(i64::MAX)));
            }
        }
        fields.into_result(Some(()))
    }

    /// Fails unless the caller may see who holds what, wherever something is assumed.
    pub(super) fn require_readable(&self, caller: &Caller) -> Result<(), AccessError> {
        for assumed in self.all() {
            caller.require(&ROLE_READ, scope_of(assumed.company))?;
        }
        Ok(())
    }

    /// Fails unless what is to be added could be given there.
    pub(super) fn require_possible(
        &self,
        roles: &HashMap<RoleId, KnownRole>,
        evidence: &Evidence,
    ) -> Result<(), FieldErrors> {
        let mut fields = FieldErrors::default();
        for (place, assumed) in self.add.iter().enumerate() {
            let mut unknown = |member: &str| {
                let pointer = format!("/assume/add/{place}/{member}");
                fields.push(FieldError::new(pointer, FieldCode::UnknownReference));
            };
            if !evidence.active.contains(&assumed.user) {
                unknown("user_id");
            }
            if !roles.get(&assumed.role).is_some_and(|role| role.fits(assumed.company)) {
                unknown("role_id");
            }
            if assumed.company.is_some_and(|company| !evidence.companies.contains_key(&company)) {
                unknown("company_id");
            }
        }
        fields.into_result(Some(()))
    }

    /// Changes what is held as it is assumed. Who is `suspended` in a company holds nothing there whatever they are given.
    pub(super) fn apply(&self, evidence: &mut Evidence, suspended: &HashSet<(UserId, CompanyId)>) {
        for assumed in &self.remove {
            if let Some(held) = evidence.held.get_mut(&assumed.user) {
                held.retain(|held| (held.role, held.company) != (assumed.role, assumed.company));
            }
        }
        for assumed in &self.add {
            let stopped = assumed.company.is_some_and(|company| suspended.contains(&(assumed.user, company)));
            if !stopped {
                let held = HeldRole { company: assumed.company, role: assumed.role };
                evidence.held.entry(assumed.user).or_default().push(held);
            }
        }
    }
}
