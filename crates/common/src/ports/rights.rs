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
    /// The caller holds the permission, in a company that is entered only with a second factor, and signed in without one.
    #[error("this company is entered with a second factor")]
    SecondFactor,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Failure for Denied {
    fn code(&self) -> Code {
        match self {
            Self::Missing(_) => Code::PermissionDenied,
            Self::SecondFactor => Code::TwoFactorRequired,
            Self::Db(error) => error.code(),
        }
    }
}

/// Which companies a permission reaches: a filter for SQL, never applied after the fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visible {
    /// Every one of the tenant.
    All,
    /// Every one but these, which the caller enters only with a second factor.
    AllBut(Arc<[CompanyId]>),
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

/// Who is to be told when something goes wrong that only they can mend. Implemented by access_control.
#[async_trait]
pub trait PermissionHolders: Send + Sync {
    /// At most `most` users who hold `permission` tenant-wide by a role of the system's own.
    async fn holders(&self, tx: &mut Tx, permission: &Permission, most: u8) -> Result<Vec<UserId>, DbError>;
}

/// Gives roles where another domain's use case is what gives them. Implemented by access_control.
#[async_trait]
pub trait RoleGrants: Send + Sync {
    /// `user` holds `role` tenant-wide: a tenant's first administrator.
    async fn give_tenant_role(&self, tx: &mut Tx, user: UserId, role: SystemRole) -> Result<(), DbError>;

    /// `user` holds these roles tenant-wide, given by the caller, who needs `role.grant` and whatever the roles hold.
    async fn give_roles(&self, tx: &mut Tx, user: UserId, roles: &[RoleId]) -> Result<(), GrantRefused>;

    /// Fails with [`GrantRefused::Beyond`] when `user` holds something that the caller does not: whoever could redirect
    /// the account of somebody above them, or switch it off, would have given themselves what they do not hold.
    async fn require_reach(&self, tx: &mut Tx, user: UserId) -> Result<(), GrantRefused>;
}

/// Is told how the companies of the tenant form a tree, so that roles can reach down it. Implemented by access_control;
/// called in the transaction that changes the tree.
#[async_trait]
pub trait CompanyTree: Send + Sync {
    /// `company` begins, below `parent` or as a root; `founder` becomes its first member and owner. The rows are
    /// deferred: founding a root waits for no answer. A child raises the rights epoch.
    async fn founded(
        &self,
        tx: &mut Tx,
        company: CompanyId,
        parent: Option<CompanyId>,
        founder: UserId,
    ) -> Result<(), DbError>;

    /// `company` stands below `parent` now, or became a root. Raises the rights epoch; the caller has done so itself
    /// before it looked for cycles.
    async fn moved(&self, tx: &mut Tx, company: CompanyId, parent: Option<CompanyId>) -> Result<(), DbError>;

    /// `company` was deleted: nobody holds anything there but in [`Scope::Removed`]. Raises the rights epoch.
    async fn removed(&self, tx: &mut Tx, company: CompanyId) -> Result<(), DbError>;

    /// `company` is back, and with it everything that was held there. Raises the rights epoch.
    async fn restored(&self, tx: &mut Tx, company: CompanyId) -> Result<(), DbError>;

    /// Whether `company` is entered only by users who signed in with a second factor. Raises the rights epoch.
    async fn guarded(&self, tx: &mut Tx, company: CompanyId, second_factor: bool) -> Result<(), DbError>;
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

/// What somebody is in one company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyStanding {
    /// The company.
    pub company: CompanyId,
    /// Codes of the roles held by membership there.
    pub roles: Vec<String>,
    /// Codes of all permissions held there, in order, wherever they come from.
    pub permissions: Vec<String>,
}

/// What somebody is in the tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Codes of the tenant-wide roles.
    pub roles: Vec<String>,
    /// Codes of the permissions held tenant-wide, in order.
    pub permissions: Vec<String>,
    /// Where they are a member; at most a hundred.
    pub companies: Vec<CompanyStanding>,
}

/// Where people belong. Implemented by access_control.
#[async_trait]
pub trait Memberships: Send + Sync {
    /// Names of the roles each user holds anywhere in the tenant, in one query.
    async fn role_names(
        &self,
        tx: &mut Tx,
        users: &[UserId],
    ) -> Result<HashMap<UserId, Vec<String>>, DbError>;

    /// What the caller is, here and in their companies; nothing for callers that are not users.
    async fn standing(&self, tx: &mut Tx) -> Result<Standing, DbError>;

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
