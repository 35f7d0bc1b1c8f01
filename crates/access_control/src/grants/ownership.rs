//! A company and the tenant never lose their last owner.

use std::collections::HashMap;

use ouvira_common::{
    db::Tx,
    id::{CompanyId, UserId},
    permission::{Scope, SystemRole},
    ports::LastOwner,
};

use super::{Grants, scope_of};
use crate::{AccessError, model::MembershipId, store};

/// Where a role is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Tenant-wide.
    Tenant,
    /// By a membership.
    Company { company: CompanyId, membership: MembershipId },
}

impl Place {
    pub(crate) fn company(self) -> Option<CompanyId> {
        match self {
            Self::Tenant => None,
            Self::Company { company, .. } => Some(company),
        }
    }

    pub(crate) fn scope(self) -> Scope {
        scope_of(self.company())
    }
}

impl Grants {
    /// Fails when `user` is the last owner of one of the places that `leaves` chooses. Owners with an expiry date, with a
    /// suspended membership or who cannot sign in do not count. Holds the rights lock, so that two owners who go at once
    /// go one after the other.
    pub(crate) async fn require_successor(
        &self,
        tx: &mut Tx,
        user: UserId,
        leaves: impl Fn(Option<CompanyId>) -> bool,
    ) -> Result<(), LastOwner> {
        self.rights.change_of_all(tx).await?;
        let owner = self.rights.catalogue().role_id(SystemRole::Owner);
        let mut places = store::owners::of(tx, user, owner).await?;
        places.retain(|place| leaves(place.company_id));
        let others: Vec<UserId> = places.iter().flat_map(|place| place.others.iter().copied()).collect();
        let people = if others.is_empty() { HashMap::new() } else { self.users.get(tx, &others).await? };
        let stays = |user: &UserId| people.get(user).is_some_and(|person| person.active);
        if places.iter().all(|place| place.others.iter().any(stays)) { Ok(()) } else { Err(LastOwner::Last) }
    }
}

impl From<LastOwner> for AccessError {
    fn from(error: LastOwner) -> Self {
        match error {
            LastOwner::Last => Self::LastOwner,
            LastOwner::Db(error) => error.into(),
        }
    }
}
