//! Reading one role of a member.

use ouvira_common::{context::RequestContext, db::Tx};

use crate::{
    AccessControl, AccessError,
    decision::Caller,
    model::{MembershipRole, UserRoleId},
    store,
};

impl AccessControl {
    /// One role of a member. Needs `member.read` in the company, but for one's own; to others it is not there.
    pub async fn member_role(
        &self,
        ctx: &RequestContext,
        id: UserRoleId,
    ) -> Result<MembershipRole, AccessError> {
        self.db
            .read(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                self.readable_member_role(tx, &caller, id).await
            })
            .await
    }

    /// The role of that id, if the caller may see the membership.
    pub(super) async fn readable_member_role(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        id: UserRoleId,
    ) -> Result<MembershipRole, AccessError> {
        let held = store::user_roles::find_of_member(tx, id).await?.ok_or(AccessError::NotFound)?;
        self.readable_membership(tx, caller, held.membership).await?;
        Ok(held)
    }
}
