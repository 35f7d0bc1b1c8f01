//! Counting rows where they are read: in Postgres, as the serving role reads them.

use diesel_async::SimpleAsyncConnection as _;

use super::TestTenant;
use crate::db::{Db, DbError};

impl TestTenant {
    /// How many rows of this tenant's tables were read so far, by scans of whatever kind. `db` is what reads them: one
    /// connection ([`Self::another_db`]), whose statistics are known as soon as it is free. The tenant has tables of its own,
    /// or others' reads are counted too.
    pub async fn rows_read(&self, db: &Db) -> i64 {
        // The second one, so that the statements before have been counted.
        for statement in ["SELECT pg_stat_force_next_flush()", "SELECT"] {
            let flushed: Result<(), DbError> =
                db.read(&self.open(), async |tx| Ok(tx.batch_execute(statement).await?)).await;
            flushed.expect("statistics can be flushed");
        }
        let schema = self.schema();
        let select = format!(
            "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint
                    + (SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE schemaname = '{schema}') AS read
               FROM pg_stat_user_tables WHERE schemaname = '{schema}'"
        );
        self.owner_rows(&select).await[0]["read"].as_i64().expect("a number")
    }
}
