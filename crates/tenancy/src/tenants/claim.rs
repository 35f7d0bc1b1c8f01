//! One process at a time makes the tenant of one slug.

use diesel::{
    QueryableByName, sql_query,
    sql_types::{Bool, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};

use crate::{catalog::Catalog, error::TenancyError, slug::Slug};

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

/// A lock on a slug, held by an open transaction on a connection of its own: the server lets go of it when this process
/// ends, so whoever then finds the tenant half made knows that nobody is making it. (A session's lock would do without the
/// transaction, but not through a pooler.)
pub(super) struct Claim {
    conn: AsyncPgConnection,
}

impl Claim {
    /// The claim on `slug`; `None` while somebody else has it.
    pub(super) async fn take(catalog: &Catalog, slug: &Slug) -> Result<Option<Self>, TenancyError> {
        let mut conn = catalog.dedicated(None).await?;
        // A database with all its tables may take longer than a forgotten transaction may.
        conn.batch_execute("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0").await?;
        let row: Taken = sql_query("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS taken")
            .bind::<Text, _>(format!("ouvira.tenant.{slug}"))
            .get_result(&mut conn)
            .await?;
        Ok(row.taken.then_some(Self { conn }))
    }

    /// Lets go of it before anybody is answered: a caller who tries again at once is not told that it is taken.
    pub(super) async fn release(mut self) {
        // When the connection is gone, so is the lock.
        drop(self.conn.batch_execute("ROLLBACK").await);
    }
}
