//! Fresh tenants, in every placement.

use std::{net::Ipv4Addr, sync::Arc};

use chrono::Duration;
use diesel::{QueryableByName, sql_query, sql_types::Jsonb};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use uuid::Uuid;

use super::{FixedClock, TestServer, Wire, fakes::FixedTenants};
use crate::{
    context::{Authentication, Origin, Pass, RequestContext},
    db::{Db, DbError, Endpoint, Pools, SessionScope, connect},
    entropy::OsEntropy,
    id::{SessionId, TenantId, UserId, uuid_at},
    migration::{Migration, Target, migrate},
    principal::Principal,
    sealing::DataKey,
    settings::TenantSettings,
    tenant::{Placement, PlacementMode, Tenant, TenantState},
    time::{Clock as _, Timestamp},
};

/// The common database of the test server.
const COMMON: &str = "ouvira";

/// A tenant of one test's own on the process's Postgres.
pub struct TestTenant {
    tenant: Arc<Tenant>,
    schema: String,
    clock: Arc<FixedClock>,
    tenants: Arc<FixedTenants>,
    db: Db,
}

/// A user and a session, known at the gate and nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct TestUser {
    /// The user.
    pub id: UserId,
    /// Their session.
    pub session: SessionId,
}

impl TestTenant {
    /// A tenant in a placement of that mode that has been migrated with `history`.
    pub async fn new(mode: PlacementMode, history: &[Migration]) -> Self {
        Self::with_settings(mode, history, TenantSettings::default()).await
    }

    /// The same with settings.
    pub async fn with_settings(mode: PlacementMode, history: &[Migration], settings: TenantSettings) -> Self {
        let server = TestServer::get();
        let clock = Arc::new(FixedClock::default());
        let id = TenantId::new_at(clock.now());
        let hex = id.0.simple().to_string();
        let (schema, database) = match mode {
            PlacementMode::Shared => ("ouvira_shared".to_owned(), None),
            PlacementMode::Schema => (format!("t_{hex}"), None),
            PlacementMode::Database => ("ouvira_shared".to_owned(), Some(format!("ouvira_t_{hex}"))),
        };
        let mut owner = server.owner(COMMON).await;
        if let Some(database) = &database {
            owner
                .batch_execute(&format!("CREATE DATABASE {database}"))
                .await
                .expect("the owner may create databases");
            owner = server.owner(database).await;
        }
        let only = (mode != PlacementMode::Shared).then_some(id);
        migrate(&mut owner, Target::Placement { schema: &schema, tenant: only }, history)
            .await
            .expect("the history applies");

        let tenant = Arc::new(Tenant {
            id,
            slug: format!("t{}", &hex[20..]),
            name: "Test".to_owned(),
            state: TenantState::Active,
            placement: Placement { mode, database, epoch: 1 },
            settings_version: 1,
            data_key: DataKey::generate(id, &OsEntropy),
            settings,
        });
        let tenants = Arc::new(FixedTenants::of(Arc::clone(&tenant)));
        let db = Db::new(Pools::new(&server.endpoint("app", COMMON), 8), tenants.clone());
        let this = Self { tenant, schema, clock, tenants, db };
        let settings = serde_json::to_value(&this.tenant.settings).expect("settings are plain data");
        this.control(&format!("SELECT ouvira_core.admit_tenant('{id}', '{}', '{settings}')", this.schema))
            .await;
        this.set_state("provisioning", "active").await;
        this
    }

    /// The way to its tables as the serving role; its connections are driven by the runtime that first uses them.
    pub fn db(&self) -> Db {
        self.db.clone()
    }

    /// Another node: pools and caches of its own, `size` connections.
    pub fn another_db(&self, size: usize) -> Db {
        Db::new(Pools::new(&self.endpoint("app"), size), self.tenants.clone())
    }

    /// A way of one connection with a counter on it.
    pub fn counted_db(&self) -> (Db, Wire) {
        let (directory, port) = TestServer::get().socket();
        let wire = Wire::to(directory, port);
        (Db::new(Pools::new(&wire.endpoint("app", COMMON), 1), self.tenants.clone()), wire)
    }

    /// The tenant as a resolver gives it.
    pub fn tenant(&self) -> &Arc<Tenant> {
        &self.tenant
    }

    /// A resolver that knows this tenant.
    pub fn resolver(&self) -> Arc<FixedTenants> {
        Arc::clone(&self.tenants)
    }

    /// The clock of all its contexts.
    pub fn clock(&self) -> Arc<FixedClock> {
        Arc::clone(&self.clock)
    }

    /// The clock's present.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A user with a session, at the gate only.
    pub async fn user(&self) -> TestUser {
        let user = TestUser { id: UserId::new_at(self.now()), session: SessionId::new_at(self.now()) };
        self.admit(user, SessionScope::Full).await;
        user
    }

    /// Another session of somebody who is already there, or somebody made elsewhere.
    pub async fn session_of(&self, user: UserId) -> TestUser {
        let user = TestUser { id: user, session: SessionId::new_at(self.now()) };
        self.admit(user, SessionScope::Full).await;
        user
    }

    async fn admit(&self, user: TestUser, scope: SessionScope) {
        let expires_at = self.now() + Duration::days(30);
        let admitted: Result<(), DbError> = self
            .db
            .write(&self.job(), async |tx| {
                tx.admit_user(user.id, true);
                tx.open_session(user.session, user.id, scope, expires_at);
                Ok(())
            })
            .await;
        admitted.expect("a job may admit a user");
    }

    /// What a request of that user brings, signed in just now with a password.
    pub fn context(&self, user: &TestUser) -> RequestContext {
        let pass = Pass::Session { id: user.session, enrolment: false };
        let authentication =
            Authentication { amr: vec!["pwd".to_owned()], at: Some(self.now()), until: None };
        self.with_pass(Principal::user(user.id), pass).with_authentication(authentication)
    }

    /// A request of somebody who has not signed in.
    pub fn open(&self) -> RequestContext {
        self.with_pass(Principal::SYSTEM, Pass::Open)
    }

    /// A job of the worker.
    pub fn job(&self) -> RequestContext {
        self.with_pass(Principal::SYSTEM, Pass::Job(Uuid::nil()))
    }

    /// The first rows of a tenant; refused, since this one is active.
    pub fn provisioning(&self) -> RequestContext {
        self.with_pass(Principal::SYSTEM, Pass::Provisioning)
    }

    /// A context with any pass.
    pub fn with_pass(&self, principal: Principal, pass: Pass) -> RequestContext {
        let origin = Origin {
            request_id: format!("test-{}", uuid_at(self.now())),
            ip: Some(Ipv4Addr::new(192, 0, 2, 7).into()),
            user_agent: Some("tests".to_owned()),
        };
        RequestContext::new(Arc::clone(&self.tenant), principal, pass, origin, self.now())
    }

    /// Changes the state at the gate, under its exclusive lock.
    pub async fn set_state(&self, from: &str, to: &str) {
        let id = self.tenant.id;
        self.control(&format!("SELECT ouvira_core.set_tenant_state('{id}', '{{{from}}}', '{to}')")).await;
    }

    /// A connection string of `role` to the tenant's database.
    pub fn endpoint(&self, role: &str) -> Endpoint {
        TestServer::get().endpoint(role, self.tenant.placement.database.as_deref().unwrap_or(COMMON))
    }

    /// A bare connection of `role` to the tenant's database, for tests that go around the gate.
    pub async fn connection(&self, role: &str) -> AsyncPgConnection {
        connect(&self.endpoint(role), None).await.expect("the role may connect")
    }

    /// Name of the schema with the tenant's tables.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    async fn control(&self, sql: &str) {
        self.connection("control").await.batch_execute(sql).await.expect("the control role may do this");
    }

    /// Runs SQL as the owner, in maintenance, inside the tenant's placement and scope.
    pub async fn owner_sql(&self, sql: &str) {
        let mut conn = self.connection("owner").await;
        conn.batch_execute(&format!("{}; {sql}; COMMIT", self.maintenance()))
            .await
            .expect("the owner's SQL runs");
    }

    /// Rows of a SELECT as the owner, as JSON objects.
    pub async fn owner_rows(&self, select: &str) -> Vec<serde_json::Value> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Jsonb)]
            row: serde_json::Value,
        }
        let mut conn = self.connection("owner").await;
        conn.batch_execute(&self.maintenance()).await.expect("the owner may look");
        let rows: Vec<Row> = sql_query(format!("SELECT to_jsonb(x) AS row FROM ({select}) x"))
            .load(&mut conn)
            .await
            .expect("the owner's SELECT runs");
        rows.into_iter().map(|row| row.row).collect()
    }

    fn maintenance(&self) -> String {
        format!(
            "BEGIN; SET LOCAL search_path TO {}, pg_temp; SET LOCAL app.maintenance TO 'on'; SET LOCAL app.tenant_id TO '{}'",
            self.schema, self.tenant.id
        )
    }
}
