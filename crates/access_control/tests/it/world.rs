//! A tenant with people, companies and everything access control needs; fakes stand for the other domains.

use std::sync::Arc;

use ouvira_access_control::{
    AccessControl, AccessControlDeps, AccessError, Catalogue, GrantDeps, Grants, MIGRATIONS, NewMembership,
    NewUserRole, Rights,
    model::{Membership, UserRole},
    permission,
};
use ouvira_common::{
    context::RequestContext,
    db::{Db, DbError},
    entropy::OsEntropy,
    id::{CompanyId, RoleId, UserId},
    locale::Locale,
    permission::{Permission, Scope, SystemRole, system_id},
    ports::{CompanyTree as _, Denied, PermissionChecker as _, Person, RoleGrants as _, Visible},
    settings::TenantSettings,
    tenant::PlacementMode,
    testing::{
        TestTenant, TestUser,
        fakes::{FakeCredentials, FakeSessions, MemoryUsers, RecordingAudit, RecordingNotifier},
    },
    text::Email,
};

/// What the company domain declares, as far as these tests ask for it.
pub(crate) mod company {
    use super::{
        Permission,
        SystemRole::{Admin, Analyst, Member, Viewer},
    };

    pub(crate) const READ: Permission =
        Permission { code: "company.read", description: "", held_by: &[Admin, Analyst, Member, Viewer] };
    pub(crate) const UPDATE: Permission =
        Permission { code: "company.update", description: "", held_by: &[Admin] };
    pub(crate) const DELETE: Permission =
        Permission { code: "company.delete", description: "", held_by: &[] };
    pub(crate) const PERMISSIONS: &[Permission] = &[READ, UPDATE, DELETE];
}

/// One of this node's copies of everything.
pub(crate) struct World {
    pub(crate) tenant: TestTenant,
    pub(crate) db: Db,
    pub(crate) rights: Rights,
    pub(crate) grants: Grants,
    pub(crate) access: AccessControl,
    pub(crate) users: Arc<MemoryUsers>,
    pub(crate) audit: Arc<RecordingAudit>,
    pub(crate) notifier: Arc<RecordingNotifier>,
    pub(crate) credentials: Arc<FakeCredentials>,
}

/// What a node has of its own: connections and a cache.
pub(crate) struct Node {
    pub(crate) db: Db,
    pub(crate) rights: Rights,
    pub(crate) grants: Grants,
    pub(crate) access: AccessControl,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::placed(PlacementMode::Shared).await
    }

    pub(crate) async fn placed(mode: PlacementMode) -> Self {
        Self::with_settings(mode, TenantSettings::default()).await
    }

    pub(crate) async fn with_settings(mode: PlacementMode, settings: TenantSettings) -> Self {
        let tenant = TestTenant::with_settings(mode, MIGRATIONS, settings).await;
        let (users, audit, notifier, credentials) = Default::default();
        let parts = (&users, &audit, &notifier, &credentials);
        let Node { db, rights, grants, access } = node(tenant.db(), parts);
        Self { tenant, db, rights, grants, access, users, audit, notifier, credentials }
    }

    /// Another node of the same tenant.
    pub(crate) fn another_node(&self, connections: usize) -> Node {
        let db = self.tenant.another_db(connections);
        node(db, (&self.users, &self.audit, &self.notifier, &self.credentials))
    }

    /// The use cases over `db`, with a cache of their own.
    pub(crate) fn access_over(&self, db: Db) -> AccessControl {
        node(db, (&self.users, &self.audit, &self.notifier, &self.credentials)).access
    }

    /// Somebody who has signed up and holds nothing.
    pub(crate) async fn user(&self, name: &str) -> TestUser {
        let user = self.tenant.user().await;
        self.users.put(person(user.id, name, self.tenant.now()));
        user
    }

    /// Somebody who holds `role` tenant-wide.
    pub(crate) async fn holder(&self, name: &str, role: SystemRole) -> TestUser {
        let user = self.user(name).await;
        let done: Result<(), DbError> = self
            .db
            .write(&self.tenant.job(), async |tx| self.grants.give_tenant_role(tx, user.id, role).await)
            .await;
        done.expect("the system may give a role");
        user
    }

    pub(crate) fn context(&self, user: &TestUser) -> RequestContext {
        self.tenant.context(user)
    }

    /// A company, as the company domain would found it.
    pub(crate) async fn found(&self, founder: &TestUser, parent: Option<CompanyId>) -> CompanyId {
        let company = CompanyId::new_at(self.tenant.now());
        let done: Result<(), DbError> = self
            .db
            .write(&self.context(founder), async |tx| {
                self.grants.founded(tx, company, parent, founder.id).await
            })
            .await;
        done.expect("a user may found a company");
        company
    }

    /// Changes the tree as the company domain would.
    pub(crate) async fn change_tree(&self, change: TreeChange) {
        let changed: Result<(), DbError> = self
            .db
            .write(&self.tenant.job(), async |tx| match change {
                TreeChange::Move(company, parent) => self.grants.moved(tx, company, parent).await,
                TreeChange::Remove(company) => self.grants.removed(tx, company).await,
                TreeChange::Restore(company) => self.grants.restored(tx, company).await,
            })
            .await;
        changed.expect("the tree may be changed");
    }

    /// Makes `user` a member of `company` with those roles, on nobody's behalf.
    pub(crate) async fn join(&self, user: &TestUser, company: CompanyId, roles: &[SystemRole]) -> Membership {
        let new = NewMembership { user: user.id, company, title: None };
        let membership =
            self.access.create_membership(&self.tenant.job(), &new).await.expect("a job may do this");
        for role in roles {
            self.give(user, role_id(*role), Some(company)).await;
        }
        membership
    }

    /// Gives a role on nobody's behalf.
    pub(crate) async fn give(&self, user: &TestUser, role: RoleId, company: Option<CompanyId>) -> UserRole {
        let new = NewUserRole { user: user.id, role, company, expires_at: None };
        self.access.give_user_role(&self.tenant.job(), &new).await.expect("a job may do this")
    }

    /// Whether `user` holds `permission` there, asked through the port.
    pub(crate) async fn holds(&self, user: &TestUser, permission: &Permission, scope: Scope) -> bool {
        holds(&self.db, &self.rights, &self.context(user), permission, scope).await
    }

    pub(crate) async fn visible(&self, user: &TestUser, permission: &Permission) -> Visible {
        let visible: Result<_, DbError> =
            self.db.read(&self.context(user), async |tx| self.rights.visible(tx, permission).await).await;
        visible.expect("the database answers")
    }
}

/// A change of the tree.
#[derive(Clone, Copy)]
pub(crate) enum TreeChange {
    Move(CompanyId, Option<CompanyId>),
    Remove(CompanyId),
    Restore(CompanyId),
}

type Parts<'a> =
    (&'a Arc<MemoryUsers>, &'a Arc<RecordingAudit>, &'a Arc<RecordingNotifier>, &'a Arc<FakeCredentials>);

fn node(db: Db, (users, audit, notifier, credentials): Parts<'_>) -> Node {
    let rights = Rights::new(catalogue());
    let grants = Grants::new(GrantDeps {
        rights: rights.clone(),
        users: users.clone(),
        audit: audit.clone(),
        notifier: notifier.clone(),
    });
    let access = AccessControl::new(AccessControlDeps {
        db: db.clone(),
        grants: grants.clone(),
        credentials: credentials.clone(),
        sessions: Arc::new(FakeSessions::default()),
        entropy: Arc::new(OsEntropy),
    });
    Node { db, rights, grants, access }
}

pub(crate) fn catalogue() -> Catalogue {
    Catalogue::new(&[permission::PERMISSIONS, company::PERMISSIONS])
}

pub(crate) fn role_id(role: SystemRole) -> RoleId {
    RoleId(system_id("role", role.code()))
}

pub(crate) async fn holds(
    db: &Db,
    rights: &Rights,
    ctx: &RequestContext,
    permission: &Permission,
    scope: Scope,
) -> bool {
    let required: Result<(), Denied> =
        db.read(ctx, async |tx| rights.require(tx, permission, scope).await).await;
    match required {
        Ok(()) => true,
        Err(Denied::Missing(code)) => {
            assert_eq!(code, permission.code);
            false
        }
        Err(Denied::SecondFactor) => false,
        Err(Denied::Db(error)) => panic!("{error}"),
    }
}

pub(crate) fn person(id: UserId, name: &str, now: ouvira_common::time::Timestamp) -> Person {
    Person {
        id,
        email: Some(Email::parse("/email", &format!("{name}@example.com")).expect("names make addresses")),
        email_verified: true,
        phone: None,
        phone_verified: false,
        first_name: name.to_owned(),
        last_name: String::new(),
        locale: Locale::En,
        timezone: "UTC".to_owned(),
        active: true,
        two_factor_enabled: false,
        last_login_at: None,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

/// The pointers of a refused body.
pub(crate) fn pointers<T: std::fmt::Debug>(result: Result<T, AccessError>) -> Vec<String> {
    use ouvira_common::problem::Failure as _;
    let error = result.expect_err("the body is refused");
    error.fields().iter().map(|field| field.pointer.clone()).collect()
}

/// The stable code of a refusal.
pub(crate) fn code<T: std::fmt::Debug>(result: Result<T, AccessError>) -> &'static str {
    use ouvira_common::problem::Failure as _;
    result.expect_err("it is refused").code().as_str()
}
