//! A tenant whose record is sealed into an installation of the test's own, and everybody who may judge it.

use std::{
    fs,
    sync::{Arc, atomic::AtomicU32, atomic::Ordering::SeqCst},
    time::Duration,
};

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};
use ouvira_audit::{
    INSTALLATION_MIGRATIONS,
    installation::{
        CheckpointDirectory, CheckpointStore, InstallationLog, InstallationReport, NoteVerifier, Outside,
    },
    seal::{Sealing, SealingDeps, SealingProgress},
    verify::{Fault, Signed, TenantReport, Verifier},
};
use ouvira_common::{
    context::{Origin, Pass, RequestContext},
    db::connect,
    entropy::OsEntropy,
    migration::{Target, migrate},
    principal::Principal,
    sealing::WrappingKeys,
    tenant::PlacementMode,
    testing::{TestServer, TestTenant, becomes_so},
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::support::House;

pub(crate) struct Court {
    pub(crate) house: House,
    pub(crate) sealing: Sealing,
    pub(crate) progress: SealingProgress,
    /// Where checkpoints are kept outside.
    pub(crate) outside: TempDir,
    database: String,
}

impl Court {
    pub(crate) async fn new(mode: PlacementMode) -> Self {
        Self::of(House::new(mode).await).await
    }

    pub(crate) async fn of(house: House) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let server = TestServer::get();
        let database = format!("installation_{}", NUMBER.fetch_add(1, SeqCst));
        let made = house
            .tenant
            .connection("owner")
            .await
            .batch_execute(&format!("CREATE DATABASE {database}"))
            .await;
        made.expect("the owner may create databases");
        let mut owner = server.owner(&database).await;
        migrate(&mut owner, Target::Fixed { schema: "ouvira_seal" }, INSTALLATION_MIGRATIONS)
            .await
            .expect("the installation's tables are made");
        let outside = tempfile::tempdir().unwrap();
        let progress = SealingProgress::default();
        let place = Arc::new(CheckpointDirectory::new(outside.path()));
        let sealing = Sealing::new(deps(&house, &database, &progress, place));
        Self { house, sealing, progress, outside, database }
    }

    /// From now on checkpoints are kept at `place`, by a process that begins anew.
    pub(crate) fn keep_at(&mut self, place: Arc<dyn CheckpointStore>) {
        self.sealing = Sealing::new(deps(&self.house, &self.database, &self.progress, place));
    }

    pub(crate) fn tenant(&self) -> &TestTenant {
        &self.house.tenant
    }

    /// Rounds of sealing until the tenant's tree has `size` leaves and a signature.
    pub(crate) async fn seal(&mut self, size: u64) {
        let own: Vec<String> = self.tenant().tenant().placement.database.clone().into_iter().collect();
        let select = format!(
            "SELECT size FROM audit_checkpoints WHERE tenant_id = '{}' AND size = {size} AND note IS NOT NULL",
            self.tenant().tenant().id
        );
        let sealed = becomes_so(Duration::from_secs(20), async || {
            self.sealing
                .round(&own)
                .await
                .expect("a round")
                .expect("nobody else seals into this installation");
            !self.tenant().owner_rows(&select).await.is_empty()
        });
        assert!(sealed.await, "{size} rows were not sealed");
    }

    /// The newest checkpoint that was kept outside.
    pub(crate) fn checkpoint(&self) -> Outside {
        let read = |name: &str| fs::read_to_string(self.outside.path().join(name)).unwrap();
        Outside { note: read("checkpoint"), verifier: NoteVerifier::parse(&read("verifier")).unwrap() }
    }

    /// What the tree of the installation says.
    pub(crate) async fn installation(&self, outside: Option<&Outside>) -> InstallationReport {
        let mut owner = self.installation_owner().await;
        InstallationLog::verify(&mut owner, self.tenant().tenant().id, outside).await.unwrap()
    }

    async fn installation_owner(&self) -> AsyncPgConnection {
        connect(&TestServer::get().endpoint("owner", &self.database), None).await.unwrap()
    }

    /// Judges the tenant by its own tables and the installation's, and by `outside`.
    pub(crate) async fn judge_with(&self, outside: Option<&Outside>) -> TenantReport {
        let installation = self.installation(outside).await;
        let mut owner = self.installation_owner().await;
        let verifiers = InstallationLog::verifiers(&mut owner).await.unwrap();
        let signed = Signed { verifiers, heads: installation.heads.clone() };
        let verifier = Verifier::new(self.tenant().db());
        let mut report = verifier.verify(&self.job(), &signed).await.unwrap();
        report.fault = report.fault.or(installation.fault.map(Fault::from));
        report
    }

    /// A job that makes no id: where a test moves the clock, ids of all later tests would follow it.
    fn job(&self) -> RequestContext {
        let (tenant, now) = (self.tenant().tenant().clone(), self.tenant().now());
        RequestContext::new(tenant, Principal::SYSTEM, Pass::Job(Uuid::nil()), Origin::default(), now)
    }

    pub(crate) async fn judge(&self) -> TenantReport {
        self.judge_with(None).await
    }

    /// Runs SQL as the owner in the tenant's tables; `{t}` stands for its id.
    pub(crate) async fn tamper(&self, sql: &str) {
        let id = self.tenant().tenant().id.to_string();
        self.tenant().owner_sql(&sql.replace("{t}", &id)).await;
    }

    /// The same in the installation's.
    pub(crate) async fn tamper_installation(&self, sql: &str) {
        self.installation_owner().await.batch_execute(sql).await.expect("the owner's SQL runs");
    }
}

fn deps(
    house: &House,
    database: &str,
    progress: &SealingProgress,
    outside: Arc<dyn CheckpointStore>,
) -> SealingDeps {
    let server = TestServer::get();
    SealingDeps {
        db: house.tenant.db(),
        tenants: house.tenant.resolver(),
        installation: InstallationLog::new(
            "audit.example.com",
            WrappingKeys::single("test", [7; 32]),
            Arc::new(OsEntropy),
        ),
        outside,
        clock: house.tenant.clock(),
        owner: server.endpoint("owner", "ouvira"),
        worker: server.endpoint("worker", database),
        progress: progress.clone(),
    }
}
