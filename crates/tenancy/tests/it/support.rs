//! A deployment of one test's own: a database with a catalog, on the process's Postgres.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use ouvira_common::{
    context::{Origin, Pass, RequestContext},
    db::{Db, DbError, Endpoint, Pools, SessionScope, connect},
    entropy::OsEntropy,
    id::{SessionId, UserId},
    migration::Migration,
    ports::{PermissionChecker, TenantName, TenantResolver as _},
    principal::Principal,
    sealing::WrappingKeys,
    secret::Secret,
    tenant::{PlacementMode, Tenant},
    testing::{
        FixedClock, TestServer,
        fakes::{FakeCredentials, MemoryUsers, RecordingAudit, RecordingGrants},
    },
    time::Clock as _,
};
use ouvira_tenancy::{
    CacheLimits, Catalog, Directory, History, NewAdministrator, NewTenant, OperatorStore, Placements,
    PlatformContext, Tenancy, TenancyDeps, TenantDeps, TenantRecord, Tenants,
};
use uuid::Uuid;

/// A domain's migration: one table.
pub(crate) const NOTES: Migration = Migration {
    version: "20270101000000_notes",
    up: "CREATE TABLE notes (
             tenant_id uuid NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
             id uuid NOT NULL DEFAULT gen_random_uuid(),
             text text NOT NULL,
             CONSTRAINT notes_pkey PRIMARY KEY (tenant_id, id)
         );
         GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO ouvira_app;",
    down: "DROP TABLE notes;",
};

pub(crate) struct Platform {
    database: String,
    pub(crate) keys: Arc<WrappingKeys>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) users: Arc<MemoryUsers>,
    pub(crate) credentials: Arc<FakeCredentials>,
    pub(crate) grants: Arc<RecordingGrants>,
    pub(crate) audit: Arc<RecordingAudit>,
    pub(crate) directory: Directory,
    pub(crate) placements: Placements,
    pub(crate) tenants: Tenants,
}

impl Platform {
    /// A prepared deployment without tenants.
    pub(crate) async fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let database = format!("platform_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut owner = connect(&TestServer::get().endpoint("owner", "ouvira"), None).await.unwrap();
        owner.batch_execute(&format!("CREATE DATABASE {database}")).await.unwrap();

        let clock = Arc::new(FixedClock::default());
        let keys = Arc::new(WrappingKeys::single("k1", [7; 32]));
        let endpoint = |role| TestServer::get().endpoint(role, &database);
        let history = History::new([NOTES]);
        let placements = Placements::new(&endpoint("owner"), history);
        placements.prepare(clock.now()).await.unwrap();
        let directory = Directory::new(&endpoint("app"), Arc::clone(&keys), CacheLimits::default());
        let users = Arc::new(MemoryUsers::default());
        let credentials = Arc::new(FakeCredentials::default());
        let grants = Arc::new(RecordingGrants::default());
        let audit = Arc::new(RecordingAudit::default());
        let deps = TenantDeps {
            catalog: Catalog::new(&endpoint("control")),
            placements: Some(placements.clone()),
            history: placements.history().clone(),
            db: Db::new(Pools::new(&endpoint("app"), 4), Arc::new(directory.clone())),
            keys: keys.clone(),
            entropy: Arc::new(OsEntropy),
            users: users.clone(),
            credentials: credentials.clone(),
            grants: grants.clone(),
            audit: audit.clone(),
        };
        let tenants = Tenants::new(deps);
        Self { database, keys, clock, users, credentials, grants, audit, directory, placements, tenants }
    }

    /// The same deployment seen by a process with other dependencies, and caches of its own.
    pub(crate) fn deps(&self) -> TenantDeps {
        TenantDeps {
            catalog: self.catalog(),
            placements: Some(self.placements.clone()),
            history: self.placements.history().clone(),
            db: self.db(),
            keys: self.keys.clone(),
            entropy: Arc::new(OsEntropy),
            users: self.users.clone(),
            credentials: self.credentials.clone(),
            grants: self.grants.clone(),
            audit: self.audit.clone(),
        }
    }

    pub(crate) fn endpoint(&self, role: &str) -> Endpoint {
        TestServer::get().endpoint(role, &self.database)
    }

    pub(crate) fn catalog(&self) -> Catalog {
        Catalog::new(&self.endpoint("control"))
    }

    /// What auth keeps of operators.
    pub(crate) fn operator_store(&self) -> OperatorStore {
        OperatorStore::new(self.catalog(), self.keys.clone(), Arc::new(OsEntropy))
    }

    /// Another node: pools and caches of its own.
    pub(crate) fn directory(&self) -> Directory {
        Directory::new(&self.endpoint("app"), Arc::clone(&self.keys), CacheLimits::default())
    }

    /// The serving role's way to the tables.
    pub(crate) fn db(&self) -> Db {
        Db::new(Pools::new(&self.endpoint("app"), 4), Arc::new(self.directory.clone()))
    }

    pub(crate) fn ctx(&self) -> PlatformContext {
        PlatformContext::system(self.clock.now())
    }

    /// A tenant with Ada as its administrator.
    pub(crate) async fn tenant(&self, slug: &str, mode: PlacementMode) -> TenantRecord {
        self.tenants.create(&self.ctx(), new_tenant(slug, mode)).await.unwrap().tenant
    }

    /// The tenant as a request finds it.
    pub(crate) async fn resolve(&self, slug: &str) -> Arc<Tenant> {
        self.directory.resolve(TenantName::Slug(slug)).await.unwrap()
    }

    /// A request that has not signed in.
    pub(crate) async fn open(&self, slug: &str) -> RequestContext {
        let tenant = self.resolve(slug).await;
        RequestContext::new(tenant, Principal::SYSTEM, Pass::Open, Origin::default(), self.clock.now())
    }

    /// A request of somebody of the tenant, signed in.
    pub(crate) async fn signed_in(&self, slug: &str) -> RequestContext {
        let tenant = self.resolve(slug).await;
        let (user, session) = (UserId::new_at(self.clock.now()), SessionId::new_at(self.clock.now()));
        let expires_at = self.clock.now() + chrono::Duration::days(1);
        let admitted: Result<(), DbError> = self
            .db()
            .write(&job(Arc::clone(&tenant)), async |tx| {
                tx.admit_user(user, true);
                tx.open_session(session, user, SessionScope::Full, expires_at);
                Ok(())
            })
            .await;
        admitted.unwrap();
        let pass = Pass::Session { id: session, enrolment: false };
        RequestContext::new(tenant, Principal::user(user), pass, Origin::default(), self.clock.now())
    }

    /// The use cases of a tenant's own people, who hold `rights`.
    pub(crate) fn tenancy(&self, rights: Arc<dyn PermissionChecker>) -> Tenancy {
        let directory = self.directory.clone();
        Tenancy::new(TenancyDeps { db: self.db(), rights, audit: self.audit.clone(), directory })
    }

    /// A bare connection of `role` to the catalog's database, or to `database`.
    pub(crate) async fn connection(&self, role: &str, database: Option<&str>) -> AsyncPgConnection {
        connect(&self.endpoint(role), database).await.unwrap()
    }
}

pub(crate) fn new_tenant(slug: &str, mode: PlacementMode) -> NewTenant {
    NewTenant { slug: slug.to_owned(), name: format!("{slug} Ltd"), mode, admin: Some(ada(slug)) }
}

/// One for each tenant: the fake of the users keeps all tenants' together.
pub(crate) fn ada(slug: &str) -> NewAdministrator {
    NewAdministrator {
        email: format!("ada@{slug}.example.com"),
        first_name: Some("Ada".to_owned()),
        last_name: Some("Lovelace".to_owned()),
        password: Some(Secret::new("correct horse battery staple")),
    }
}

/// A job of the worker in the tenant.
pub(crate) fn job(tenant: Arc<Tenant>) -> RequestContext {
    let now = ouvira_common::time::SystemClock.now();
    RequestContext::new(tenant, Principal::SYSTEM, Pass::Job(Uuid::nil()), Origin::default(), now)
}

#[derive(QueryableByName)]
pub(crate) struct Line {
    #[diesel(sql_type = Text)]
    pub(crate) line: String,
}

/// Writes a note in the scope of `ctx`.
pub(crate) async fn write_note(db: &Db, ctx: &RequestContext, text: &str) -> Result<(), DbError> {
    db.write(ctx, async |tx| {
        sql_query("INSERT INTO notes (text) VALUES ($1)").bind::<Text, _>(text).execute(tx).await?;
        Ok(())
    })
    .await
}

/// The notes in the scope of `ctx`, sorted.
pub(crate) async fn notes(db: &Db, ctx: &RequestContext) -> Result<Vec<String>, DbError> {
    db.read(ctx, async |tx| {
        let lines: Vec<Line> = sql_query("SELECT text AS line FROM notes ORDER BY text").load(tx).await?;
        Ok(lines.into_iter().map(|line| line.line).collect())
    })
    .await
}

/// The first column of a query, as text.
pub(crate) async fn column(conn: &mut AsyncPgConnection, query: &str) -> Result<Vec<String>, DbError> {
    let lines: Vec<Line> =
        sql_query(format!("SELECT value AS line FROM ({query}) x, jsonb_each_text(to_jsonb(x))"))
            .load(conn)
            .await?;
    Ok(lines.into_iter().map(|line| line.line).collect())
}
