//! How large the tenant's tree was when.

use ouvira_common::{
    context::RequestContext,
    page::{Page, PageRequest},
    permission::Scope,
    time::Timestamp,
};

use super::{TreeHead, store};
use crate::{Audit, AuditError, merkle::Hash, permission::AUDIT_READ};

/// The tree at one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Size and root.
    pub head: TreeHead,
    /// When it was made.
    pub at: Timestamp,
    /// Where the root stands in the installation's tree, once it does.
    pub witnessed: Option<Witnessed>,
}

/// Where a root stands in the installation's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    /// Which leaf there.
    pub position: u64,
    /// How large the installation's tree was.
    pub size: u64,
    /// What shows that the leaf is in it.
    pub path: Vec<Hash>,
    /// The signed checkpoint of the installation's tree at that size.
    pub note: String,
}

impl Audit {
    /// The tenant's checkpoints, the newest first; needs `audit.read` in the tenant.
    pub async fn list_checkpoints(
        &self,
        ctx: &RequestContext,
        page: &PageRequest,
    ) -> Result<Page<Checkpoint>, AuditError> {
        let before: Option<u64> = page.position()?;
        self.db
            .read(ctx, async |tx| {
                self.rights.require(tx, &AUDIT_READ, Scope::Tenant).await?;
                let rows = store::checkpoints(tx, before, page.limit).await?;
                Ok(Page::from_rows(rows, page.limit, |checkpoint| checkpoint.head.size))
            })
            .await
    }
}
