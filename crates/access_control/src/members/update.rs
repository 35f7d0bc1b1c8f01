//! Changing a membership: suspending somebody, or what they are called.

use ouvira_common::{context::RequestContext, db::DbError, permission::Scope};

use super::{activity, create::parse_title};
use crate::{
    AccessControl, AccessError,
    access_control::expect_version,
    event::MembershipUpdated,
    model::{Membership, MembershipId, MembershipStatus},
    permission::MEMBER_MANAGE,
    store,
};

/// What is to be another way; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct MembershipEdit {
    /// Whether they hold anything there.
    pub status: Option<MembershipStatus>,
    /// What they are called; `Some(None)` takes it away.
    pub title: Option<Option<String>>,
}

impl AccessControl {
    /// Changes a membership and answers it after that. Needs `member.manage` in the company; to suspend somebody, or to
    /// let them back, also whatever they hold there. The last owner cannot be suspended. `expected` is the version that
    /// was read, when the caller insists on it. Where nothing differs, nothing is written.
    pub async fn update_membership(
        &self,
        ctx: &RequestContext,
        id: MembershipId,
        edit: &MembershipEdit,
        expected: Option<i64>,
    ) -> Result<Membership, AccessError> {
        let title = edit.title.as_ref().map(|title| parse_title(title.as_deref())).transpose()?;
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                let seen = self.readable_membership(tx, &caller, id).await?;
                caller.require(&MEMBER_MANAGE, Scope::Company(seen.company))?;
                let locks = edit.status.is_some_and(|status| status != seen.status);
                if locks {
                    self.grants.rights.change_of_all(tx).await?;
                }
                let before = store::memberships::lock(tx, id).await?.ok_or(AccessError::NotFound)?;
                expect_version(before.version, expected)?;
                let mut after = before.clone();
                after.status = edit.status.unwrap_or(before.status);
                after.title = title.clone().unwrap_or_else(|| before.title.clone());
                if after == before {
                    return Ok(before);
                }
                if after.status != before.status {
                    if !locks {
                        // Somebody else changed it since; the rights lock comes before the row's, or not at all.
                        return Err(DbError::Contention.into());
                    }
                    self.covered_roles(tx, &caller, &before).await?;
                    if after.status == MembershipStatus::Suspended {
                        let leaves = |company| company == Some(before.company);
                        self.grants.require_successor(tx, before.user, leaves).await?;
                    }
                }
                after.version += 1;
                store::memberships::defer_update(tx, &after);
                self.record(tx, activity("user_company.updated", Some(&before), Some(&after)));
                tx.publish(&MembershipUpdated {
                    user_company_id: after.id,
                    user_id: after.user,
                    company_id: after.company,
                });
                Ok(after)
            })
            .await
    }
}
