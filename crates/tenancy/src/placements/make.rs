//! A schema or a database of a tenant's own.

use ouvira_common::{
    id::TenantId,
    migration::{CORE, Target, migrate},
    tenant::PlacementMode,
};

use super::{Placements, prepare::CORE_SCHEMA, store};
use crate::{
    error::TenancyError,
    model::{database_name, schema_name},
};

impl Placements {
    /// Makes the tables of `tenant`: nothing for `shared`, a schema `t_<hex>` in the common database, or a database
    /// `ouvira_t_<hex>` with a gate of its own. What an interrupted attempt left is completed, what is there is brought to
    /// the present.
    pub async fn make(&self, tenant: TenantId, mode: PlacementMode) -> Result<(), TenancyError> {
        let database = database_name(mode, tenant);
        match (mode, &database) {
            (PlacementMode::Shared, _) => return Ok(()),
            (_, None) => {}
            (_, Some(name)) => {
                store::create_database(&mut self.connection(None).await?, name).await?;
                let mut own = self.connection(Some(name)).await?;
                store::close_database(&mut own).await?;
                migrate(&mut own, Target::Fixed { schema: CORE_SCHEMA }, CORE).await?;
            }
        }
        let mut conn = self.connection(database.as_deref()).await?;
        let target = Target::Placement { schema: &schema_name(mode, tenant), tenant: Some(tenant) };
        migrate(&mut conn, target, self.history.migrations()).await?;
        Ok(())
    }
}
