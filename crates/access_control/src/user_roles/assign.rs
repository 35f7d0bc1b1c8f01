//! Giving a role by its name.

use ouvira_common::{
    context::RequestContext,
    id::{CompanyId, UserId},
};

use super::NewUserRole;
use crate::{AccessControl, AccessError, model::UserRole, permission::ROLE_GRANT, roles::RoleWord};

impl AccessControl {
    /// Gives the role that is called `word` to a user. Needs what [`AccessControl::give_user_role`] needs.
    pub async fn assign_role(
        &self,
        ctx: &RequestContext,
        user: UserId,
        word: &RoleWord,
        company: Option<CompanyId>,
    ) -> Result<UserRole, AccessError> {
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                self.require_in(tx, &caller, &ROLE_GRANT, company, "/company_id").await?;
                let role = self.role_called(tx, word, company, "/role").await?;
                let new = NewUserRole { user, role, company, expires_at: None };
                self.give_checked(tx, &caller, &new, "/role").await
            })
            .await
    }
}
