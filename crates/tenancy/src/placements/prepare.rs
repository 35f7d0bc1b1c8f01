//! `ouvira migrate` before any tenant: the gate, the catalog and the common placement.

use ouvira_common::{
    migration::{CORE, Target, migrate},
    time::Timestamp,
};

use super::{Placements, store};
use crate::{
    catalog::{CATALOG, CATALOG_SCHEMA},
    error::TenancyError,
    model::{SHARED_PLACEMENT, SHARED_SCHEMA},
};

/// Schema of the gate's tables, in every database.
pub(super) const CORE_SCHEMA: &str = "ouvira_core";

/// Versions that were applied just now; empty when there was nothing to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prepared {
    /// To the gate's tables of the common database.
    pub core: Vec<&'static str>,
    /// To the catalog, and to the other schemas that there is one of.
    pub catalog: Vec<&'static str>,
    /// To the common placement.
    pub shared: Vec<&'static str>,
}

impl Placements {
    /// Brings the common database to the present: `ouvira_core`, `ouvira_catalog`, then `ouvira_shared`. May be
    /// interrupted and repeated; others doing the same wait.
    pub async fn prepare(&self, now: Timestamp) -> Result<Prepared, TenancyError> {
        let mut conn = self.connection(None).await?;
        let core = migrate(&mut conn, Target::Fixed { schema: CORE_SCHEMA }, CORE).await?;
        let mut catalog = migrate(&mut conn, Target::Fixed { schema: CATALOG_SCHEMA }, CATALOG).await?;
        if !catalog.is_empty() {
            store::close_database(&mut conn).await?;
        }
        for (schema, migrations) in self.history.common() {
            catalog.extend(migrate(&mut conn, Target::Fixed { schema }, migrations).await?);
        }
        let target = Target::Placement { schema: SHARED_SCHEMA, tenant: None };
        let shared = migrate(&mut conn, target, self.history.migrations()).await?;
        store::brought_to(&mut conn, SHARED_PLACEMENT, self.history.fingerprint(), now).await?;
        Ok(Prepared { core, catalog, shared })
    }
}
