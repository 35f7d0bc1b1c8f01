//! Reading one membership.

use ouvira_common::{context::RequestContext, db::Tx, permission::Scope};

use crate::{
    AccessControl, AccessError,
    decision::Caller,
    model::{Membership, MembershipId},
    permission::MEMBER_READ,
    store,
};

impl AccessControl {
    /// One membership. Needs `member.read` in its company, but for one's own; to others it is not there.
    pub async fn membership(
        &self,
        ctx: &RequestContext,
        id: MembershipId,
    ) -> Result<Membership, AccessError> {
        self.db
            .read(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                self.readable_membership(tx, &caller, id).await
            })
            .await
    }

    /// The membership of that id, if the caller may see it.
    pub(crate) async fn readable_membership(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        id: MembershipId,
    ) -> Result<Membership, AccessError> {
        let found = store::memberships::find(tx, id).await?.ok_or(AccessError::NotFound)?;
        let own = tx.context().user_id() == Some(found.user);
        let seen = own || caller.holds(&MEMBER_READ, Scope::Company(found.company));
        if seen { Ok(found) } else { Err(AccessError::NotFound) }
    }
}
