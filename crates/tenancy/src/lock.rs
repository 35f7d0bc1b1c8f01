//! Work that one process at a time does.

use diesel::{
    QueryableByName, sql_query,
    sql_types::{Bool, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use ouvira_common::db::DbError;

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

/// A lock of the catalog's database, held by an open transaction on a connection of its own: the server lets go of it when
/// this process ends, so whoever then finds the work half done knows that nobody is at it. (A session's lock would do
/// without the transaction, but not through a pooler.)
pub(crate) struct Lock {
    conn: AsyncPgConnection,
}

impl Lock {
    /// The lock of that name on `conn`; `None` while another process has it.
    pub(crate) async fn take(mut conn: AsyncPgConnection, name: &str) -> Result<Option<Self>, DbError> {
        // A database with all its tables may take longer than a forgotten transaction may.
        conn.batch_execute("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0").await?;
        let row: Taken = sql_query("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS taken")
            .bind::<Text, _>(format!("ouvira.{name}"))
            .get_result(&mut conn)
            .await?;
        Ok(row.taken.then_some(Self { conn }))
    }

    /// Lets go of it before anybody is answered: a caller who tries again at once is not told that it is taken.
    pub(crate) async fn release(mut self) {
        // When the connection is gone, so is the lock.
        drop(self.conn.batch_execute("ROLLBACK").await);
    }
}
