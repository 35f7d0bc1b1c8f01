//! Migrations of a domain: plain SQL, embedded; run by the owner, one transaction each, with the ledger's row in it.

use diesel::{
    QueryableByName, sql_query,
    sql_types::{Bool, Text},
};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};

use crate::{db::DbError, id::TenantId, rls};

/// One step of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// `<timestamp>_<name>`; unique over all domains, and the order in which they run.
    pub version: &'static str,
    /// SQL.
    pub up: &'static str,
    /// SQL that undoes it.
    pub down: &'static str,
}

/// Embeds `migrations/<domain>/<version>/{up,down}.sql`.
#[macro_export]
macro_rules! migration {
    ($domain:literal, $version:literal) => {
        $crate::migration::Migration {
            version: $version,
            up: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../migrations/",
                $domain,
                "/",
                $version,
                "/up.sql"
            )),
            down: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../migrations/",
                $domain,
                "/",
                $version,
                "/down.sql"
            )),
        }
    };
}

/// The gate's tables, the outbox, kept answers: every database has them before anything else.
pub const CORE: &[Migration] = &[
    migration!("core", "20261120000000_core"),
    migration!("core", "20261120001000_revoke_grant"),
    migration!("core", "20261120001100_idempotency"),
    migration!("core", "20261120001205_outbox_lanes"),
    migration!("core", "20261120001210_sessions_at_the_gate"),
];

/// Where migrations are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// `ouvira_core` or `ouvira_catalog`: their SQL makes and names the schema itself.
    Fixed {
        /// Name of the schema.
        schema: &'a str,
    },
    /// A placement: made when missing, its tables walled off by row-level security.
    Placement {
        /// Name of the schema.
        schema: &'a str,
        /// The one tenant whose rows it holds; `None` for the shared one.
        tenant: Option<TenantId>,
    },
}

impl Target<'_> {
    const fn schema(&self) -> &str {
        match self {
            Self::Fixed { schema } | Self::Placement { schema, .. } => schema,
        }
    }
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

#[derive(QueryableByName)]
struct Exists {
    #[diesel(sql_type = Bool)]
    exists: bool,
}

/// Versions that were applied to `schema`, in order; none when there is no ledger.
pub async fn applied(conn: &mut AsyncPgConnection, schema: &str) -> Result<Vec<String>, DbError> {
    // Not to_regclass: it answers from a cache that a transaction waiting for the lock has not refreshed.
    let ledger = sql_query(
        "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = $1 AND c.relname = 'schema_migrations') AS exists",
    );
    let ledger: Exists = ledger.bind::<Text, _>(schema).get_result(conn).await?;
    if !ledger.exists {
        return Ok(Vec::new());
    }
    let rows: Vec<Version> =
        sql_query(format!("SELECT version FROM {schema}.schema_migrations ORDER BY version"))
            .load(conn)
            .await?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}

/// Applies what is missing of `history` to `target`, as the owner, and answers the versions it applied. Others doing the
/// same wait.
pub async fn migrate(
    conn: &mut AsyncPgConnection,
    target: Target<'_>,
    history: &[Migration],
) -> Result<Vec<&'static str>, DbError> {
    let mut history = history.to_vec();
    history.sort_unstable_by_key(|migration| migration.version);
    let done = applied(conn, target.schema()).await?;
    let mut applied_now = Vec::new();
    for migration in
        history.into_iter().filter(|migration| !done.iter().any(|version| version == migration.version))
    {
        if apply(conn, target, migration).await? {
            applied_now.push(migration.version);
        }
    }
    Ok(applied_now)
}

async fn apply(
    conn: &mut AsyncPgConnection,
    target: Target<'_>,
    migration: Migration,
) -> Result<bool, DbError> {
    let schema = target.schema();
    conn.transaction(async |conn| {
        let lock = format!("SELECT pg_advisory_xact_lock(hashtextextended('ouvira.migrate.{schema}', 0))");
        conn.batch_execute(&lock).await?;
        if applied(conn, schema).await?.iter().any(|version| version == migration.version) {
            return Ok(false);
        }
        if let Target::Placement { .. } = target {
            conn.batch_execute(&format!(
                "CREATE SCHEMA IF NOT EXISTS {schema}; GRANT USAGE ON SCHEMA {schema} TO ouvira_app; \
                 SET LOCAL search_path TO {schema}, pg_temp; SET LOCAL app.maintenance TO 'on'"
            ))
            .await?;
        }
        conn.batch_execute(migration.up).await?;
        if let Target::Placement { schema, tenant } = target {
            rls::apply(conn, schema, tenant).await?;
        }
        conn.batch_execute(&format!(
            "CREATE TABLE IF NOT EXISTS {schema}.schema_migrations \
             (version text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        ))
        .await?;
        sql_query(format!("INSERT INTO {schema}.schema_migrations (version) VALUES ($1)"))
            .bind::<Text, _>(migration.version)
            .execute(conn)
            .await?;
        Ok(true)
    })
    .await
}
