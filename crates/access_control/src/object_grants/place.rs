//! Where an object belongs, which is where its grants are decided.

use ouvira_common::{
    db::Tx,
    id::{CompanyId, RoleId, UserId},
    permission::Scope,
};
use uuid::Uuid;

use crate::{
    AccessControl, AccessError,
    decision::{COMPANY, Caller},
    grants::scope_of,
    model::{InvitationId, MembershipId},
    permission::{INVITATION_READ, ROLE_GRANT},
    store,
};

impl AccessControl {
    /// Asks for `role.grant` where the object belongs. Objects of this domain, and companies, are looked up; what others
    /// know belongs to the tenant as far as this domain is concerned.
    pub(super) async fn require_grant_on(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        kind: &str,
        id: Uuid,
    ) -> Result<Option<CompanyId>, AccessError> {
        let unknown = || AccessError::unknown("/object_id");
        let company = match kind {
            COMPANY => Some(CompanyId(id)),
            "role" => self.readable_role(tx, caller, RoleId(id)).await.map_err(|_| unknown())?.company,
            "user_company" => {
                let membership = self.readable_membership(tx, caller, MembershipId(id)).await;
                Some(membership.map_err(|_| unknown())?.company)
            }
            "invitation" => {
                let found = store::invitations::find(tx, InvitationId(id)).await?;
                let seen = found.filter(|found| caller.holds(&INVITATION_READ, scope_of(found.company)));
                seen.ok_or_else(unknown)?.company
            }
            "user" => {
                self.require_user(tx, UserId(id), "/object_id").await?;
                None
            }
            _ => None,
        };
        self.require_in(tx, caller, &ROLE_GRANT, company, "/object_id").await?;
        Ok(company)
    }
}

/// Where the grants on an object may be seen and taken: in the company that it is, or in the tenant.
pub(super) fn scope_of_object(kind: &str, id: Uuid) -> Scope {
    scope_of((kind == COMPANY).then_some(CompanyId(id)))
}
