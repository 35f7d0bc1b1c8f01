//! A tenant with the tables of this domain, and the use cases over it.

use std::sync::Arc;

use ouvira_audit::{Audit, AuditDeps, MIGRATIONS, Recorder};
use ouvira_common::{
    context::RequestContext,
    db::{Db, DbError, Tx},
    entropy::{OsEntropy, random_bytes},
    page::{Limit, PageRequest},
    ports::{Activity, AuditSink as _, PermissionChecker},
    settings::TenantSettings,
    tenant::PlacementMode,
    testing::{
        TestTenant,
        fakes::{AllowAll, MemoryUsers},
    },
};

use uuid::Uuid;

pub(crate) struct House {
    pub(crate) tenant: TestTenant,
    pub(crate) recorder: Recorder,
    pub(crate) users: Arc<MemoryUsers>,
}

impl House {
    pub(crate) async fn new(mode: PlacementMode) -> Self {
        Self::with_settings(mode, TenantSettings::default()).await
    }

    pub(crate) async fn with_settings(mode: PlacementMode, settings: TenantSettings) -> Self {
        Self {
            tenant: TestTenant::with_settings(mode, MIGRATIONS, settings).await,
            recorder: Recorder::new(Arc::new(OsEntropy)),
            users: Arc::new(MemoryUsers::default()),
        }
    }

    /// The use cases for people who may do everything.
    pub(crate) fn audit(&self) -> Audit {
        self.audit_with(Arc::new(AllowAll))
    }

    pub(crate) fn audit_with(&self, rights: Arc<dyn PermissionChecker>) -> Audit {
        self.audit_over(self.tenant.db(), rights)
    }

    pub(crate) fn audit_over(&self, db: Db, rights: Arc<dyn PermissionChecker>) -> Audit {
        Audit::new(AuditDeps { db, rights, users: self.users.clone(), recorder: self.recorder.clone() })
    }

    /// Runs `work` in a transaction of `ctx`.
    pub(crate) async fn in_transaction(&self, ctx: &RequestContext, work: impl Fn(&mut Tx) + Send + Sync) {
        let done: Result<(), DbError> = self
            .tenant
            .db()
            .write(ctx, async |tx| {
                work(tx);
                Ok(())
            })
            .await;
        done.expect("the transaction commits");
    }

    pub(crate) async fn record(&self, ctx: &RequestContext, activity: Activity) {
        self.in_transaction(ctx, |tx| self.recorder.record(tx, activity.clone())).await;
    }
}

/// The first page, of at most `limit`.
pub(crate) fn first(limit: u32) -> PageRequest {
    PageRequest { limit: Limit::new(limit).expect("a limit from 1 to 100"), ..PageRequest::default() }
}

/// An id that is nobody's yet.
pub(crate) fn any_id() -> Uuid {
    Uuid::from_bytes(random_bytes(&OsEntropy))
}
