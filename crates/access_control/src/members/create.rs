//! Making somebody a member of a company.

use ouvira_common::{
    context::RequestContext,
    db::{DbError, Quota, Tx},
    id::{CompanyId, UserId},
    ports::Notice,
    problem::FieldErrors,
};
use serde_json::json;

use super::activity;
use crate::{
    AccessControl, AccessError,
    event::MembershipCreated,
    model::{Membership, MembershipId, MembershipStatus, NAME, optional_line},
    permission::MEMBER_MANAGE,
    store,
};

/// A membership to be.
#[derive(Debug, Clone)]
pub struct NewMembership {
    /// Who.
    pub user: UserId,
    /// Where.
    pub company: CompanyId,
    /// What they are called there; at most 100 characters.
    pub title: Option<String>,
}

pub(super) fn parse_title(title: Option<&str>) -> Result<Option<String>, FieldErrors> {
    let mut fields = FieldErrors::default();
    let title = optional_line(&mut fields, "/title", title, NAME);
    fields.into_result(Some(title))
}

impl AccessControl {
    /// Makes a user a member, without a role yet. Needs `member.manage` in the company.
    pub async fn create_membership(
        &self,
        ctx: &RequestContext,
        new: &NewMembership,
    ) -> Result<Membership, AccessError> {
        let title = parse_title(new.title.as_deref())?;
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                self.require_in(tx, &caller, &MEMBER_MANAGE, Some(new.company), "/company_id").await?;
                self.require_user(tx, new.user, "/user_id").await?;
                self.join(tx, new.user, new.company, title.clone()).await
            })
            .await
    }

    /// Writes the membership and tells the log and the user. Whether it may be is decided before.
    pub(crate) async fn join(
        &self,
        tx: &mut Tx,
        user: UserId,
        company: CompanyId,
        title: Option<String>,
    ) -> Result<Membership, AccessError> {
        if let Some(quota) = tx.hold_quota(Quota::MembersPerCompany).await? {
            quota.admit(store::memberships::count_in(tx, company, quota.limit()).await?)?;
        }
        let membership = Membership {
            id: MembershipId::new_at(tx.now()),
            user,
            company,
            status: MembershipStatus::Active,
            title,
            joined_at: tx.now(),
            version: 1,
        };
        store::memberships::insert(tx, &membership).await.map_err(already_member)?;
        self.record(tx, activity("user_company.created", None, Some(&membership)));
        tx.publish(&MembershipCreated {
            user_company_id: membership.id,
            user_id: membership.user,
            company_id: membership.company,
        });
        if tx.context().user_id() != Some(user) {
            let data = json!({ "company_id": company });
            self.grants.notifier.notify(tx, Notice { user, kind: "company.joined", data });
        }
        Ok(membership)
    }
}

/// That they are a member already is told as such.
fn already_member(error: DbError) -> AccessError {
    if error.violates_unique(store::memberships::ONCE) { AccessError::AlreadyMember } else { error.into() }
}
