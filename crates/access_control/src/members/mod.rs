//! Memberships: who belongs to which company. The API calls them `user-companies`.

mod create;
mod delete;
mod list;
mod read;
mod update;

pub use create::NewMembership;
pub use list::MembershipFilter;
pub use update::MembershipEdit;

use ouvira_common::{
    db::{DbError, Tx},
    permission::Scope,
    ports::{Activity, Changes},
};

use crate::{
    AccessControl, AccessError,
    decision::Caller,
    model::{Membership, UserRole},
    store,
};

impl AccessControl {
    /// The roles of a membership, each of which the caller must hold in full: who decides whether somebody belongs to a
    /// company gives or takes what they hold there.
    async fn covered_roles(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        membership: &Membership,
    ) -> Result<Vec<UserRole>, AccessError> {
        let held = self.roles_of(tx, membership).await?;
        let ids: Vec<_> = held.iter().map(|held| held.role.id).collect();
        let known = self.grants.known_roles(tx, &ids).await?;
        let scope = Scope::Company(membership.company);
        if known.values().all(|role| role.covered_by(caller, scope)) {
            Ok(held)
        } else {
            Err(AccessError::CannotGrant)
        }
    }

    async fn roles_of(&self, tx: &mut Tx, membership: &Membership) -> Result<Vec<UserRole>, DbError> {
        let chosen = store::user_roles::Chosen {
            user: Some(membership.user),
            company: Some(membership.company),
            ..store::user_roles::Chosen::default()
        };
        store::user_roles::page(tx, self.catalogue(), &chosen, i64::MAX).await
    }
}

/// What is logged of a membership's change.
pub(crate) fn activity(
    action: &'static str,
    before: Option<&Membership>,
    after: Option<&Membership>,
) -> Activity {
    let now = after.or(before).expect("something changed");
    let changes = Changes::new()
        .public("user_id", before.map(|m| m.user), after.map(|m| m.user))
        .public("status", before.map(|m| m.status.as_str()), after.map(|m| m.status.as_str()))
        .personal("title", before.and_then(|m| m.title.as_ref()), after.and_then(|m| m.title.as_ref()));
    Activity::new(action, "user_company", now.id.0).company(now.company).changes(changes)
}
