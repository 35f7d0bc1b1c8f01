//! Whether a database is one of ours at all.

use diesel::{QueryableByName, sql_query, sql_types::Bool};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use ouvira_common::db::{DbError, Endpoint, connect};

use crate::error::TenancyError;

#[derive(QueryableByName)]
struct Exists {
    #[diesel(sql_type = Bool)]
    exists: bool,
}

/// Fails with [`TenancyError::NotMigrated`] for a database without a catalog. `endpoint` is any role's.
pub async fn require_migrated(endpoint: &Endpoint) -> Result<(), TenancyError> {
    require_catalog(&mut connect(endpoint, None).await?).await
}

pub(crate) async fn require_catalog(conn: &mut AsyncPgConnection) -> Result<(), TenancyError> {
    let catalog: Exists = sql_query(
        "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = 'ouvira_catalog' AND c.relname = 'tenant_directory') AS exists",
    )
    .get_result(conn)
    .await
    .map_err(DbError::from)?;
    if catalog.exists { Ok(()) } else { Err(TenancyError::NotMigrated) }
}
