//! Taking a tenant's tables away, or its rows from among everybody's.

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};
use ouvira_common::{id::TenantId, tenant::PlacementMode};

use super::{Placements, prepare::CORE_SCHEMA, rows};
use crate::{
    error::TenancyError,
    model::{SHARED_SCHEMA, TenantRecord, database_name, schema_name},
};

impl Placements {
    /// Whether there is anything left of the tenant that has a gate: an own database goes with its gate.
    pub(crate) async fn stands(&self, tenant: &TenantRecord) -> Result<bool, TenancyError> {
        let Some(name) = &tenant.placement.database else { return Ok(true) };
        Ok(rows::database_exists(&mut self.connection(None).await?, name).await?)
    }

    /// Takes away everything that the tenant has in its placement. May be interrupted and repeated. An own database takes
    /// the connections of everybody to it along, for which the owner has to be a member of `pg_signal_backend`.
    pub(crate) async fn erase(&self, tenant: TenantId, mode: PlacementMode) -> Result<(), TenancyError> {
        let mut conn = self.connection(None).await?;
        match (mode, database_name(mode, tenant)) {
            (PlacementMode::Shared, _) => {
                // What nothing points to goes piece by piece: however long the logs are, no transaction is.
                rows::delete_in_batches(&mut conn, SHARED_SCHEMA, tenant).await?;
                rows::delete(&mut conn, SHARED_SCHEMA, tenant).await?;
            }
            (_, None) => {
                let schema = schema_name(mode, tenant);
                conn.batch_execute(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).await?;
            }
            (_, Some(name)) => {
                conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
            }
        }
        rows::delete_in_batches(&mut conn, CORE_SCHEMA, tenant).await?;
        Ok(())
    }
}

/// Takes the tenant from the gate, within the transaction on `conn`.
pub(crate) async fn forget_at_gate(
    conn: &mut AsyncPgConnection,
    tenant: TenantId,
) -> Result<(), TenancyError> {
    Ok(rows::delete_now(conn, CORE_SCHEMA, tenant).await?)
}
