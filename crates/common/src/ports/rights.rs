//! Rights, as every domain asks for them and some give them.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;

use crate::{
    db::{DbError, Tx},
    id::{CompanyId, RoleId, UserId},
    permission::{Permission, Scope, SystemRole},
    problem::{Code, Failure},
};

/// A permission was not there.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// The caller may see the thing but not do this.
    #[error("permission {0} is missing")]
    Missing(&'static str),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Failure for Denied {
    fn code(&self) -> Code {
        match self {
            Self::Missing(_) => Code::PermissionDenied,
            Self::Db(error) => error.code(),
        }
    }
}

/// Which companies a permission reaches: a filter for SQL, never applied after the fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visible {
    /// Every one of the tenant.
    All,
    /// These.
    Ids(Arc<[CompanyId]>),
}

/// Decides. Implemented by access_control on a snapshot in memory that the gate keeps honest.
#[async_trait]
pub trait PermissionChecker: Send + Sync {
    /// Fails when the caller does not hold `permission` in `scope`. Open passes hold nothing; jobs and provisioning
    /// hold everything.
    async fn require(&self, tx: &mut Tx, permission: &Permission, scope: Scope) -> Result<(), Denied>;

    /// Whether the caller holds it.
    async fn holds(&self, tx: &mut Tx, permission: &Permission, scope: Scope) -> Result<bool, DbError>;

    /// In which companies the caller holds it.
    async fn visible(&self, tx: &mut Tx, permission: &Permission) -> Result<Visible, DbError>;
}

/// Gives roles where another domain's use case is what gives them. Implemented by access_control.
#[async_trait]
pub trait RoleGrants: Send + Sync {
    /// `founder` becomes a member of `company`, and its owner.
    async fn found(&self, tx: &mut Tx, company: CompanyId, founder: UserId) -> Result<(), DbError>;

    /// `user` holds `role` tenant-wide: a tenant's first administrator.
    async fn give_tenant_role(&self, tx: &mut Tx, user: UserId, role: SystemRole) -> Result<(), DbError>;

    /// `user` holds these roles tenant-wide, given by the caller, who needs `role.grant` and whatever the roles hold.
    async fn give_roles(&self, tx: &mut Tx, user: UserId, roles: &[RoleId]) -> Result<(), GrantRefused>;
}

/// A role was not given.
#[derive(Debug, thiserror::Error)]
pub enum GrantRefused {
    /// The role at this index of the list is not there, or belongs to a company.
    #[error("role {0} of the list is not one of the tenant's")]
    Unknown(usize),
    /// The caller does not hold what the role holds.
    #[error("nobody gives what they do not hold")]
    Beyond,
    /// The caller may not give roles at all.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Failure for GrantRefused {
    fn code(&self) -> Code {
        match self {
            Self::Unknown(_) => Code::UnknownReference,
            Self::Beyond => Code::CannotGrant,
            Self::Denied(error) => error.code(),
            Self::Db(error) => error.code(),
        }
    }
}

/// Where people belong, in batch. Implemented by access_control.
#[async_trait]
pub trait Memberships: Send + Sync {
    /// Names of the roles each user holds anywhere in the tenant, in one query.
    async fn role_names(&self, tx: &mut Tx, users: &[UserId]) -> Result<HashMap<UserId, Vec<String>>, DbError>;

    /// `user` is about to be switched off and then counts as an owner no longer. Fails when they are the last owner of
    /// something; otherwise what they hold waits for their return.
    async fn stand_down(&self, tx: &mut Tx, user: UserId) -> Result<(), LastOwner>;

    /// Ends what `user` holds: they were deleted. Fails when they are the last owner of something.
    async fn leave_everything(&self, tx: &mut Tx, user: UserId) -> Result<(), LastOwner>;
}

/// Somebody would leave a company or the tenant without an owner.
#[derive(Debug, thiserror::Error)]
pub enum LastOwner {
    /// They are the last owner of something.
    #[error("the last owner cannot go")]
    Last,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Failure for LastOwner {
    fn code(&self) -> Code {
        match self {
            Self::Last => Code::LastOwner,
            Self::Db(error) => error.code(),
        }
    }
}
