//! Giving and taking: what the ports that other domains call do, and what the use cases of this domain share with them.

mod company_tree;
mod give;
mod holders;
mod known_role;
mod memberships;
mod ownership;
mod role_grants;
mod take;

use std::sync::Arc;

use ouvira_common::{
    id::{CompanyId, UserId},
    permission::Scope,
    ports::{AuditSink, Notifier, UserDirectory},
};

pub(crate) use give::{Gift, giver};
pub(crate) use known_role::KnownRole;
pub(crate) use ownership::Place;

use crate::rights::Rights;

/// What [`Grants`] works with.
#[derive(Clone)]
pub struct GrantDeps {
    /// Decides.
    pub rights: Rights,
    /// Tells who can sign in, and so counts as an owner.
    pub users: Arc<dyn UserDirectory>,
    /// Keeps the logs.
    pub audit: Arc<dyn AuditSink>,
    /// Tells people what they were given.
    pub notifier: Arc<dyn Notifier>,
}

/// The ports by which other domains give roles, tell how companies form a tree and ask where people belong. It works in
/// their transactions. Cheap to clone.
#[derive(Clone)]
pub struct Grants {
    pub(crate) rights: Rights,
    pub(crate) users: Arc<dyn UserDirectory>,
    pub(crate) audit: Arc<dyn AuditSink>,
    pub(crate) notifier: Arc<dyn Notifier>,
}

impl Grants {
    /// The ports on those.
    pub fn new(deps: GrantDeps) -> Self {
        let GrantDeps { rights, users, audit, notifier } = deps;
        Self { rights, users, audit, notifier }
    }
}

/// Where something of `company` is decided: there, or in the tenant.
pub(crate) fn scope_of(company: Option<CompanyId>) -> Scope {
    company.map_or(Scope::Tenant, Scope::Company)
}

/// Somebody's role, for logs and notices.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holding<'a> {
    pub(crate) user: UserId,
    pub(crate) role: &'a crate::model::RoleName,
    pub(crate) company: Option<CompanyId>,
}
