//! Who may do what here.

use ouvira_common::{
    context::RequestContext,
    db::Tx,
    id::UserId,
    permission::{Permission, Scope},
    ports::Denied,
};

use crate::{Users, error::UserError, model::User, permission};

impl Users {
    /// Asks for `permission` on one user. To who may not even read users, nobody is there.
    pub(crate) async fn require_on_user(
        &self,
        tx: &mut Tx,
        permission: &Permission,
    ) -> Result<(), UserError> {
        match self.rights.require(tx, permission, Scope::Tenant).await {
            Err(Denied::Missing(_)) if !self.rights.holds(tx, &permission::READ, Scope::Tenant).await? => {
                Err(UserError::NotFound)
            }
            decision => Ok(decision?),
        }
    }
}

/// The caller, for what is about oneself.
pub(crate) fn oneself(ctx: &RequestContext) -> Result<UserId, UserError> {
    ctx.user_id().ok_or(UserError::NoProfile)
}

/// Whether `user` is still the one that the caller has read.
pub(crate) fn expect_version(user: &User, expected: Option<i64>) -> Result<(), UserError> {
    match expected {
        Some(version) if version != user.version => Err(UserError::VersionMismatch),
        _ => Ok(()),
    }
}
