//! Which tenants have rows that are not sealed yet, without visiting them all.
//!
//! In the shared tables an index over transaction numbers tells. A tenant's own schema is known by Postgres' counters of
//! rows put into its logs: one query tells which of thousands have grown. Both only say where to look; what is sealed
//! is decided in the tenant itself.

use std::collections::{HashMap, HashSet};

use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Bool, Uuid as SqlUuid},
};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use ouvira_common::{db::DbError, id::TenantId};

/// What is remembered of one database between two looks.
#[derive(Debug, Default)]
pub struct Discovery {
    /// Rows of transactions below this were seen in the shared tables; `None` before the first look.
    horizon: Option<i64>,
    /// How many rows each schema's logs had been given.
    counted: HashMap<TenantId, i64>,
    /// Tenants that are to be visited whatever the counters say.
    again: HashSet<TenantId>,
}

#[derive(QueryableByName)]
struct TenantRow {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: TenantId,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: TenantId,
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

#[derive(QueryableByName)]
struct HorizonRow {
    #[diesel(sql_type = BigInt)]
    horizon: i64,
    #[diesel(sql_type = Bool)]
    shared: bool,
}

impl Discovery {
    /// Nothing was looked at yet: the first look answers every tenant of the database.
    pub fn new() -> Self {
        Self::default()
    }

    /// Rows of transactions below `horizon` were sealed, by this process or another.
    pub fn resume(&mut self, horizon: Option<i64>) {
        self.horizon = self.horizon.max(horizon);
    }

    /// Rows of transactions below this are sealed; `None` while a tenant has rows that wait.
    pub fn settled(&self) -> Option<i64> {
        self.horizon.filter(|_| self.again.is_empty())
    }

    /// The next look answers `tenant` too: it has rows that wait, or could not be visited.
    pub fn again(&mut self, tenant: TenantId) {
        self.again.insert(tenant);
    }

    /// The next look answers every tenant that has a schema of its own: counters may have been set back by a crash.
    pub fn forget_counters(&mut self) {
        self.counted.clear();
    }

    /// Tenants of the database of `conn`, a connection of the owner, that may have new rows.
    pub async fn look(&mut self, conn: &mut AsyncPgConnection) -> Result<HashSet<TenantId>, DbError> {
        // Before the rows are looked at: what commits meanwhile is seen again by the next look.
        let present: HorizonRow = sql_query(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon, \
                    to_regclass('ouvira_shared.activity_log') IS NOT NULL AS shared",
        )
        .get_result(conn)
        .await?;
        let grown = grown(conn, &mut self.counted).await?;
        // A number that was not reached yet is another server's, from which the database was restored.
        let mut found = match self.horizon.filter(|since| *since <= present.horizon) {
            None => every(conn).await?,
            Some(since) if present.shared => in_shared(conn, since).await?,
            Some(_) => HashSet::new(),
        };
        self.horizon = Some(present.horizon);
        found.extend(grown);
        found.extend(self.again.drain());
        Ok(found)
    }
}

/// Every tenant that this database serves.
async fn every(conn: &mut AsyncPgConnection) -> Result<HashSet<TenantId>, DbError> {
    let query = "SELECT tenant_id FROM ouvira_core.gate_tenants WHERE state NOT IN ('provisioning', 'moved')";
    let rows: Vec<TenantRow> = sql_query(query).load(conn).await?;
    Ok(rows.into_iter().map(|row| row.tenant_id).collect())
}

/// Tenants with rows of transactions from `since` on in the shared tables.
async fn in_shared(conn: &mut AsyncPgConnection, since: i64) -> Result<HashSet<TenantId>, DbError> {
    conn.transaction(async |conn| {
        conn.batch_execute("SET LOCAL app.maintenance TO 'on'").await?;
        let rows: Vec<TenantRow> = sql_query(
            "SELECT tenant_id FROM ouvira_shared.activity_log WHERE txid >= $1 \
             UNION SELECT tenant_id FROM ouvira_shared.security_log WHERE txid >= $1",
        )
        .bind::<BigInt, _>(since)
        .load(conn)
        .await?;
        Ok(rows.into_iter().map(|row| row.tenant_id).collect())
    })
    .await
}

/// Tenants with a schema of their own whose logs were given rows since the last look.
async fn grown(
    conn: &mut AsyncPgConnection,
    counted: &mut HashMap<TenantId, i64>,
) -> Result<HashSet<TenantId>, DbError> {
    let rows: Vec<CountRow> = sql_query(
        "SELECT substr(schemaname, 3)::uuid AS tenant_id, sum(n_tup_ins)::bigint AS rows FROM pg_stat_all_tables \
          WHERE relname IN ('activity_log', 'security_log') AND schemaname ~ '^t_[0-9a-f]{32}$' GROUP BY schemaname",
    )
    .load(conn)
    .await?;
    // Counters may also have been set back, by a crash; any difference is worth a visit.
    let grown = rows.into_iter().filter(|row| counted.insert(row.tenant_id, row.rows) != Some(row.rows));
    Ok(grown.map(|row| row.tenant_id).collect())
}
