//! A tenant with users, and everything around them recorded.

use std::sync::Arc;

use ouvira_common::{
    context::RequestContext,
    db::{Db, DbError},
    id::UserId,
    permission::{Permission, Scope},
    ports::{NewPerson, PermissionChecker, Person, UserDirectory as _, UserDirectoryError},
    tenant::PlacementMode,
    testing::{
        TestTenant, TestUser,
        fakes::{AllowAll, FakeSessions, FixedRights, RecordingAudit, RecordingGrants},
    },
    text::{Address, Email, Phone},
};
use ouvira_identity::{Directory, MIGRATIONS, NewUser, User, UserDeps, UserError, Users};

pub(crate) struct World {
    pub(crate) tenant: TestTenant,
    pub(crate) users: Users,
    pub(crate) directory: Directory,
    pub(crate) audit: Arc<RecordingAudit>,
    pub(crate) grants: Arc<RecordingGrants>,
    pub(crate) sessions: Arc<FakeSessions>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::at(PlacementMode::Shared).await
    }

    pub(crate) async fn at(mode: PlacementMode) -> Self {
        let tenant = TestTenant::new(mode, MIGRATIONS).await;
        let audit = Arc::new(RecordingAudit::default());
        let grants = Arc::new(RecordingGrants::default());
        let sessions = Arc::new(FakeSessions::default());
        let directory = Directory::new(audit.clone());
        let users = users(tenant.db(), Arc::new(AllowAll), &audit, &grants, &sessions);
        Self { tenant, users, directory, audit, grants, sessions }
    }

    /// The use cases for a caller who holds only those.
    pub(crate) fn users_who_may(&self, permissions: &[Permission]) -> Users {
        let rights = FixedRights::of(permissions.iter().map(|permission| (*permission, Scope::Tenant)));
        users(self.tenant.db(), Arc::new(rights), &self.audit, &self.grants, &self.sessions)
    }

    /// The use cases over another way to the database.
    pub(crate) fn users_over(&self, db: Db) -> Users {
        users(db, Arc::new(AllowAll), &self.audit, &self.grants, &self.sessions)
    }

    /// Somebody who has signed up with an address and signed in.
    pub(crate) async fn person(&self, address: &str) -> (Person, RequestContext) {
        let person = self.sign_up(Some(address), None).await.expect("the address is free");
        let user = self.tenant.session_of(person.id).await;
        let ctx = self.tenant.context(&user);
        (person, ctx)
    }

    /// An administrator: known at the gate, with a session.
    pub(crate) async fn admin(&self) -> RequestContext {
        let user = self.tenant.user().await;
        self.tenant.context(&user)
    }

    pub(crate) async fn sign_up(
        &self,
        verified: Option<&str>,
        claimed: Option<&str>,
    ) -> Result<Person, UserDirectoryError> {
        let new = NewPerson {
            verified: verified.map(address),
            claimed: claimed.map(address),
            first_name: "Ada".to_owned(),
            last_name: "Lovelace".to_owned(),
            locale: None,
        };
        let open = self.tenant.open();
        self.tenant.db().write(&open, async |tx| self.directory.create(tx, new.clone()).await).await
    }

    pub(crate) async fn verify(&self, user: UserId, text: &str) -> Result<Person, UserDirectoryError> {
        let address = address(text);
        let open = self.tenant.open();
        self.tenant
            .db()
            .write(&open, async |tx| self.directory.verify_address(tx, user, &address).await)
            .await
    }

    pub(crate) async fn holder(&self, text: &str) -> Option<Person> {
        let address = address(text);
        let found: Result<_, DbError> = self
            .tenant
            .db()
            .read(&self.tenant.open(), async |tx| self.directory.find(tx, &address).await)
            .await;
        found.expect("people can be found")
    }

    pub(crate) async fn person_now(&self, id: UserId) -> Option<Person> {
        let found: Result<_, DbError> =
            self.tenant.db().read(&self.tenant.open(), async |tx| self.directory.get(tx, &[id]).await).await;
        found.expect("people can be read").remove(&id)
    }

    pub(crate) async fn create(&self, ctx: &RequestContext, email: &str) -> Result<User, UserError> {
        self.users.create(ctx, new_user(email)).await
    }

    /// The outbox of the tenant, as `topic` and payload's user.
    pub(crate) async fn published(&self) -> Vec<(String, String)> {
        let id = self.tenant.tenant().id;
        let select =
            format!("SELECT topic, payload FROM ouvira_core.outbox WHERE tenant_id = '{id}' ORDER BY id");
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        self.tenant
            .owner_rows(&select)
            .await
            .iter()
            .map(|row| (text(&row["topic"]), text(&row["payload"]["user_id"])))
            .collect()
    }

    /// The topics alone, in order.
    pub(crate) async fn topics(&self) -> Vec<String> {
        self.published().await.into_iter().map(|(topic, _)| topic).collect()
    }

    pub(crate) async fn session_of(&self, id: UserId) -> RequestContext {
        let user: TestUser = self.tenant.session_of(id).await;
        self.tenant.context(&user)
    }
}

fn users(
    db: Db,
    rights: Arc<dyn PermissionChecker>,
    audit: &Arc<RecordingAudit>,
    grants: &Arc<RecordingGrants>,
    sessions: &Arc<FakeSessions>,
) -> Users {
    Users::new(UserDeps {
        db,
        rights,
        roles: grants.clone(),
        memberships: grants.clone(),
        sessions: sessions.clone(),
        audit: audit.clone(),
    })
}

pub(crate) fn address(text: &str) -> Address {
    Address::parse("/identifier", text).expect("the test knows an address")
}

pub(crate) fn email(text: &str) -> Email {
    Email::parse("/email", text).expect("the test knows an address")
}

pub(crate) fn phone(text: &str) -> Phone {
    Phone::parse("/phone", text).expect("the test knows a number")
}

pub(crate) fn new_user(email: &str) -> NewUser {
    NewUser { email: email.to_owned(), ..NewUser::default() }
}

/// Pointers and codes of the fields that were not valid.
pub(crate) fn wrong_fields(error: &UserError) -> Vec<(&str, &str)> {
    use ouvira_common::problem::Failure as _;
    error.fields().iter().map(|field| (field.pointer.as_str(), field.code.as_str())).collect()
}
