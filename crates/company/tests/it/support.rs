//! A tenant with the tables of this domain, and the use cases over it.

use std::sync::Arc;

use ouvira_common::{
    context::RequestContext,
    db::Db,
    entropy::{OsEntropy, random_bytes},
    id::CompanyId,
    page::{Limit, PageRequest},
    ports::PermissionChecker,
    problem::{Code, Failure as _},
    tenant::PlacementMode,
    testing::{
        TestTenant,
        fakes::{AllowAll, RecordingAudit, RecordingGrants},
    },
};
use ouvira_company::{Companies, CompanyDeps, CompanyError, MIGRATIONS, NewCompany, model::Company};
use uuid::Uuid;

pub(crate) struct House {
    pub(crate) tenant: TestTenant,
    pub(crate) tree: Arc<RecordingGrants>,
    pub(crate) audit: Arc<RecordingAudit>,
}

impl House {
    pub(crate) async fn new(mode: PlacementMode) -> Self {
        Self {
            tenant: TestTenant::new(mode, MIGRATIONS).await,
            tree: Arc::new(RecordingGrants::default()),
            audit: Arc::new(RecordingAudit::default()),
        }
    }

    /// The use cases for people who may do everything.
    pub(crate) fn companies(&self) -> Companies {
        self.companies_with(Arc::new(AllowAll))
    }

    pub(crate) fn companies_with(&self, rights: Arc<dyn PermissionChecker>) -> Companies {
        self.companies_over(self.tenant.db(), rights)
    }

    pub(crate) fn companies_over(&self, db: Db, rights: Arc<dyn PermissionChecker>) -> Companies {
        Companies::new(CompanyDeps { db, rights, tree: self.tree.clone(), audit: self.audit.clone() })
    }

    pub(crate) async fn somebody(&self) -> RequestContext {
        self.tenant.context(&self.tenant.user().await)
    }

    /// A company of that name, below `parent`.
    pub(crate) async fn found(&self, ctx: &RequestContext, name: &str, parent: Option<&Company>) -> Company {
        self.companies()
            .create(ctx, named(name, parent.map(|parent| parent.id)))
            .await
            .expect("it is founded")
    }
}

pub(crate) fn named(name: &str, parent: Option<CompanyId>) -> NewCompany {
    NewCompany { name: name.to_owned(), parent, ..NewCompany::default() }
}

/// The first page, of at most `limit`.
pub(crate) fn first(limit: u32) -> PageRequest {
    PageRequest { limit: Limit::new(limit).expect("a limit from 1 to 100"), ..PageRequest::default() }
}

/// An id that is nobody's yet.
pub(crate) fn any_company() -> CompanyId {
    CompanyId(Uuid::from_bytes(random_bytes(&OsEntropy)))
}

/// The code of a refusal.
pub(crate) fn code<T: std::fmt::Debug>(outcome: Result<T, CompanyError>) -> Code {
    outcome.expect_err("it is refused").code()
}
