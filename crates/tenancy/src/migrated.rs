//! Whether a database is one of ours at all, and of this release.

use std::collections::HashSet;

use diesel::{
    QueryableByName, sql_query,
    sql_types::{Bool, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use ouvira_common::db::{DbError, Endpoint, connect};

use crate::{catalog::CATALOG_SCHEMA, error::TenancyError, history::History, placements::fixed};

/// The migration since which a database can be asked.
const TELLS: &str = "20261120002600_workers";

#[derive(QueryableByName)]
struct Exists {
    #[diesel(sql_type = Bool)]
    exists: bool,
}

#[derive(QueryableByName, PartialEq, Eq, Hash)]
struct Applied {
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = Text)]
    version: String,
}

/// Fails with [`TenancyError::NotMigrated`] for a database without a catalog, and with [`TenancyError::Behind`] for one whose
/// catalog, gate or common placement lacks a migration of `history`. One that is ahead is served: it belongs to the release
/// that comes. `control` names the role of the catalog.
pub async fn require_migrated(control: &Endpoint, history: &History) -> Result<(), TenancyError> {
    let mut conn = connect(control, None).await?;
    require_catalog(&mut conn).await?;
    let asked: Exists =
        sql_query("SELECT to_regprocedure('ouvira_catalog.applied_versions()') IS NOT NULL AS exists")
            .get_result(&mut conn)
            .await?;
    if !asked.exists {
        return Err(TenancyError::Behind(vec![format!("{CATALOG_SCHEMA} {TELLS}")]));
    }
    let applied: Vec<Applied> =
        sql_query("SELECT place, version FROM ouvira_catalog.applied_versions()").load(&mut conn).await?;
    let applied: HashSet<Applied> = applied.into_iter().collect();
    let versions = fixed(history).flat_map(|(place, migrations)| {
        migrations
            .iter()
            .map(|migration| Applied { place: place.to_owned(), version: migration.version.to_owned() })
    });
    let missing: Vec<_> = versions
        .filter(|version| !applied.contains(version))
        .map(|Applied { place, version }| format!("{place} {version}"))
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(TenancyError::Behind(missing)) }
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
