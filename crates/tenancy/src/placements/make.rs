//! A schema or a database of a tenant's own.

use diesel_async::AsyncPgConnection;
use ouvira_common::{
    id::TenantId,
    migration::{CORE, Target, migrate},
    tenant::PlacementMode,
};
use uuid::Uuid;

use super::{Place, Placements, prepare::CORE_SCHEMA, store};
use crate::{
    error::TenancyError,
    model::{database_name, schema_name},
};

impl Placements {
    /// Makes the tables of `tenant`: nothing for `shared`, a schema `t_<hex>` in the common database, or a database
    /// `ouvira_t_<hex>` with a gate of its own. What an interrupted attempt left is completed, what is there is brought to
    /// the present.
    pub async fn make(&self, tenant: TenantId, mode: PlacementMode) -> Result<(), TenancyError> {
        let (database, schema) = (database_name(mode, tenant), schema_name(mode, tenant));
        let place = Place { id: Uuid::nil(), tenant: Some(tenant), mode, database, schema, error: None };
        match (mode, &place.database) {
            (PlacementMode::Shared, _) => Ok(()),
            (_, None) => self.migrate_schema(&mut self.connection(None).await?, &place).await,
            (_, Some(name)) => {
                store::create_database(&mut self.connection(None).await?, name).await?;
                store::close_database(&mut self.connection(Some(name)).await?).await?;
                self.migrate_database(name, &place).await
            }
        }
    }

    /// Brings a schema to the present.
    pub(super) async fn migrate_schema(
        &self,
        conn: &mut AsyncPgConnection,
        place: &Place,
    ) -> Result<(), TenancyError> {
        let target = Target::Placement { schema: &place.schema, tenant: place.tenant };
        migrate(conn, target, self.history.migrations()).await?;
        Ok(())
    }

    /// Brings a database to the present: its gate, then its tables.
    pub(super) async fn migrate_database(&self, name: &str, place: &Place) -> Result<(), TenancyError> {
        let mut own = self.connection(Some(name)).await?;
        migrate(&mut own, Target::Fixed { schema: CORE_SCHEMA }, CORE).await?;
        self.migrate_schema(&mut own, place).await
    }
}
