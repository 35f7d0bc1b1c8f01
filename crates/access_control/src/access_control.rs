//! The use cases' common ground.

use std::sync::Arc;

use ouvira_common::{
    db::{Db, Tx},
    entropy::Entropy,
    id::{CompanyId, UserId},
    permission::{Permission, Scope},
    ports::{Activity, Credentials, Sessions, Visible},
};

use crate::{
    AccessError,
    decision::{Caller, Catalogue},
    grants::{Grants, scope_of},
    store,
};

/// What [`AccessControl`] works with.
#[derive(Clone)]
pub struct AccessControlDeps {
    /// The way to the database.
    pub db: Db,
    /// Gives and takes.
    pub grants: Grants,
    /// Hashes and sets the password of whoever accepts an invitation with a new account.
    pub credentials: Arc<dyn Credentials>,
    /// Signs them in.
    pub sessions: Arc<dyn Sessions>,
    /// Makes invitations' tokens.
    pub entropy: Arc<dyn Entropy>,
}

/// Permissions, roles, memberships, invitations and questions. A method is a use case. Cheap to clone.
#[derive(Clone)]
pub struct AccessControl {
    pub(crate) db: Db,
    pub(crate) grants: Grants,
    pub(crate) credentials: Arc<dyn Credentials>,
    pub(crate) sessions: Arc<dyn Sessions>,
    pub(crate) entropy: Arc<dyn Entropy>,
}

impl AccessControl {
    /// The use cases on those.
    pub fn new(deps: AccessControlDeps) -> Self {
        let AccessControlDeps { db, grants, credentials, sessions, entropy } = deps;
        Self { db, grants, credentials, sessions, entropy }
    }

    pub(crate) fn catalogue(&self) -> &Catalogue {
        self.grants.rights.catalogue()
    }

    /// Who asks, and what they hold.
    pub(crate) async fn caller(&self, tx: &mut Tx) -> Result<Caller, AccessError> {
        Ok(self.grants.rights.caller(tx).await?)
    }

    /// In which companies the caller holds `permission`: everywhere, for who asks about themselves alone.
    pub(crate) async fn reach(
        &self,
        tx: &mut Tx,
        about: Option<UserId>,
        permission: &Permission,
    ) -> Result<Visible, AccessError> {
        if about.is_some() && about == tx.context().user_id() {
            return Ok(Visible::All);
        }
        Ok(self.caller(tx).await?.require_anywhere(permission)?)
    }

    pub(crate) fn record(&self, tx: &mut Tx, activity: Activity) {
        self.grants.audit.record(tx, activity);
    }

    /// Asks for `permission` where a request's body wants something to be: in a company, or for `None` in the tenant. Who
    /// holds it nowhere is refused whatever they name; a company that is not there, or where they hold nothing, is an
    /// unknown reference at `pointer`.
    pub(crate) async fn require_in(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        permission: &Permission,
        company: Option<CompanyId>,
        pointer: &str,
    ) -> Result<Scope, AccessError> {
        let scope = scope_of(company);
        if let Some(company) = company {
            caller.require_anywhere(permission)?;
            let present = store::companies::present(tx, &[company]).await?;
            if present.is_empty() || caller.granted_in(scope).is_empty() {
                return Err(AccessError::unknown(pointer));
            }
        }
        caller.require(permission, scope)?;
        Ok(scope)
    }

    /// Fails unless `user` is one of the tenant's.
    pub(crate) async fn require_user(
        &self,
        tx: &mut Tx,
        user: UserId,
        pointer: &str,
    ) -> Result<(), AccessError> {
        let found = self.grants.users.get(tx, &[user]).await?;
        if found.contains_key(&user) { Ok(()) } else { Err(AccessError::unknown(pointer)) }
    }
}

/// Whether something is still what the caller has read.
pub(crate) fn expect_version(version: i64, expected: Option<i64>) -> Result<(), AccessError> {
    if expected.is_none_or(|expected| expected == version) {
        Ok(())
    } else {
        Err(AccessError::VersionMismatch)
    }
}
