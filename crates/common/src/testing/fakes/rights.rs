use std::{collections::HashMap, sync::Mutex};

use async_trait::async_trait;

use super::kept;
use crate::{
    db::{DbError, Tx},
    id::{CompanyId, RoleId, UserId},
    permission::{Permission, Scope, SystemRole},
    ports::{
        CompanyTree, Denied, GrantRefused, LastOwner, Memberships, PermissionChecker, PermissionHolders,
        RoleGrants, Standing, Visible,
    },
};

/// Everybody may do everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct AllowAll;

/// Nobody may do anything.
#[derive(Debug, Clone, Copy, Default)]
pub struct DenyAll;

/// Everybody holds what was given, and nothing else.
#[derive(Debug, Default)]
pub struct FixedRights(Mutex<Vec<(&'static str, Scope)>>);

impl FixedRights {
    /// Everybody holds these.
    pub fn of(held: impl IntoIterator<Item = (Permission, Scope)>) -> Self {
        Self(Mutex::new(held.into_iter().map(|(permission, scope)| (permission.code, scope)).collect()))
    }

    /// From now on also this.
    pub fn give(&self, permission: Permission, scope: Scope) {
        kept(&self.0).push((permission.code, scope));
    }

    fn has(&self, permission: &Permission, scope: Scope) -> bool {
        kept(&self.0)
            .iter()
            .any(|(code, at)| *code == permission.code && (*at == scope || *at == Scope::Tenant))
    }
}

/// These hold everything.
#[derive(Debug, Clone, Default)]
pub struct FixedHolders(pub Vec<UserId>);

#[async_trait]
impl PermissionHolders for FixedHolders {
    async fn holders(
        &self,
        _tx: &mut Tx,
        _permission: &Permission,
        _most: u8,
    ) -> Result<Vec<UserId>, DbError> {
        Ok(self.0.clone())
    }
}

fn required(held: bool, permission: &Permission) -> Result<(), Denied> {
    if held { Ok(()) } else { Err(Denied::Missing(permission.code)) }
}

#[async_trait]
impl PermissionChecker for AllowAll {
    async fn require(&self, _tx: &mut Tx, _permission: &Permission, _scope: Scope) -> Result<(), Denied> {
        Ok(())
    }

    async fn holds(&self, _tx: &mut Tx, _permission: &Permission, _scope: Scope) -> Result<bool, DbError> {
        Ok(true)
    }

    async fn visible(&self, _tx: &mut Tx, _permission: &Permission) -> Result<Visible, DbError> {
        Ok(Visible::All)
    }
}

#[async_trait]
impl PermissionChecker for DenyAll {
    async fn require(&self, _tx: &mut Tx, permission: &Permission, _scope: Scope) -> Result<(), Denied> {
        required(false, permission)
    }

    async fn holds(&self, _tx: &mut Tx, _permission: &Permission, _scope: Scope) -> Result<bool, DbError> {
        Ok(false)
    }

    async fn visible(&self, _tx: &mut Tx, _permission: &Permission) -> Result<Visible, DbError> {
        Ok(Visible::Ids([].into()))
    }
}

#[async_trait]
impl PermissionChecker for FixedRights {
    async fn require(&self, _tx: &mut Tx, permission: &Permission, scope: Scope) -> Result<(), Denied> {
        required(self.has(permission, scope), permission)
    }

    async fn holds(&self, _tx: &mut Tx, permission: &Permission, scope: Scope) -> Result<bool, DbError> {
        Ok(self.has(permission, scope))
    }

    async fn visible(&self, _tx: &mut Tx, permission: &Permission) -> Result<Visible, DbError> {
        if self.has(permission, Scope::Tenant) {
            return Ok(Visible::All);
        }
        let companies = kept(&self.0)
            .iter()
            .filter(|(code, _)| *code == permission.code)
            .filter_map(|(_, scope)| match scope {
                Scope::Company(company) => Some(*company),
                Scope::Removed(_) | Scope::Tenant => None,
            })
            .collect::<Vec<CompanyId>>();
        Ok(Visible::Ids(companies.into()))
    }
}

/// What was given, and where people belong, as told.
#[derive(Debug, Default)]
pub struct RecordingGrants {
    told: Mutex<Vec<Told>>,
    last_owners: Mutex<Vec<UserId>>,
    out_of_reach: Mutex<Vec<UserId>>,
}

/// One thing [`RecordingGrants`] was told.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the ports' methods and their parameters are")]
pub enum Told {
    TenantRole(UserId, SystemRole),
    Roles(UserId, Vec<RoleId>),
    Founded { company: CompanyId, parent: Option<CompanyId>, founder: UserId },
    Moved { company: CompanyId, parent: Option<CompanyId> },
    Removed(CompanyId),
    Restored(CompanyId),
    Guarded(CompanyId, bool),
    StoodDown(UserId),
    Left(UserId),
}

impl RecordingGrants {
    /// What it was told, oldest first.
    pub fn told(&self) -> Vec<Told> {
        kept(&self.told).clone()
    }

    /// From now on `user` is the last owner of something.
    pub fn make_last_owner(&self, user: UserId) {
        kept(&self.last_owners).push(user);
    }

    /// From now on `user` holds more than any caller.
    pub fn put_out_of_reach(&self, user: UserId) {
        kept(&self.out_of_reach).push(user);
    }

    fn note(&self, told: Told) {
        kept(&self.told).push(told);
    }

    fn unless_last_owner(&self, user: UserId, told: Told) -> Result<(), LastOwner> {
        if kept(&self.last_owners).contains(&user) {
            return Err(LastOwner::Last);
        }
        self.note(told);
        Ok(())
    }
}

#[async_trait]
impl RoleGrants for RecordingGrants {
    async fn give_tenant_role(&self, _tx: &mut Tx, user: UserId, role: SystemRole) -> Result<(), DbError> {
        self.note(Told::TenantRole(user, role));
        Ok(())
    }

    async fn give_roles(&self, _tx: &mut Tx, user: UserId, roles: &[RoleId]) -> Result<(), GrantRefused> {
        self.note(Told::Roles(user, roles.to_vec()));
        Ok(())
    }

    async fn require_reach(&self, _tx: &mut Tx, user: UserId) -> Result<(), GrantRefused> {
        if kept(&self.out_of_reach).contains(&user) { Err(GrantRefused::Beyond) } else { Ok(()) }
    }
}

#[async_trait]
impl CompanyTree for RecordingGrants {
    async fn founded(
        &self,
        tx: &mut Tx,
        company: CompanyId,
        parent: Option<CompanyId>,
        founder: UserId,
    ) -> Result<(), DbError> {
        match parent {
            Some(_) => tx.raise_rights_epoch().await?,
            None => tx.raise_rights_version(founder),
        }
        self.note(Told::Founded { company, parent, founder });
        Ok(())
    }

    async fn moved(&self, tx: &mut Tx, company: CompanyId, parent: Option<CompanyId>) -> Result<(), DbError> {
        tx.raise_rights_epoch().await?;
        self.note(Told::Moved { company, parent });
        Ok(())
    }

    async fn removed(&self, tx: &mut Tx, company: CompanyId) -> Result<(), DbError> {
        tx.raise_rights_epoch().await?;
        self.note(Told::Removed(company));
        Ok(())
    }

    async fn restored(&self, tx: &mut Tx, company: CompanyId) -> Result<(), DbError> {
        tx.raise_rights_epoch().await?;
        self.note(Told::Restored(company));
        Ok(())
    }

    async fn guarded(&self, tx: &mut Tx, company: CompanyId, second_factor: bool) -> Result<(), DbError> {
        tx.raise_rights_epoch().await?;
        self.note(Told::Guarded(company, second_factor));
        Ok(())
    }
}

#[async_trait]
impl Memberships for RecordingGrants {
    async fn role_names(
        &self,
        _tx: &mut Tx,
        users: &[UserId],
    ) -> Result<HashMap<UserId, Vec<String>>, DbError> {
        Ok(users.iter().map(|user| (*user, Vec::new())).collect())
    }

    async fn standing(&self, _tx: &mut Tx) -> Result<Standing, DbError> {
        Ok(Standing::default())
    }

    async fn stand_down(&self, _tx: &mut Tx, user: UserId) -> Result<(), LastOwner> {
        self.unless_last_owner(user, Told::StoodDown(user))
    }

    async fn leave_everything(&self, _tx: &mut Tx, user: UserId) -> Result<(), LastOwner> {
        self.unless_last_owner(user, Told::Left(user))
    }
}
