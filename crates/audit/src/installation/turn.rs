//! Whose turn it is to seal, and how far the databases have been looked at.

use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Bool, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use ouvira_common::{db::DbError, time::Timestamp};

/// The right to seal, held by an open transaction of the worker's role in the common database: the server takes it back
/// when this process ends.
pub(crate) struct Turn(AsyncPgConnection);

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

#[derive(QueryableByName)]
struct HorizonRow {
    #[diesel(sql_type = Text)]
    database: String,
    #[diesel(sql_type = BigInt)]
    txid: i64,
}

impl Turn {
    /// `None` while another worker has it.
    pub(crate) async fn take(mut conn: AsyncPgConnection) -> Result<Option<Self>, DbError> {
        conn.batch_execute("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0").await?;
        let query = "SELECT pg_try_advisory_xact_lock(hashtextextended('ouvira.sealing', 0)) AS taken";
        let row: Taken = sql_query(query).get_result(&mut conn).await?;
        Ok(row.taken.then_some(Self(conn)))
    }

    /// Below which transactions everything is sealed, by database; `None` names the common one.
    pub(crate) async fn horizons(&mut self) -> Result<Vec<(Option<String>, i64)>, DbError> {
        let rows: Vec<HorizonRow> =
            sql_query("SELECT database, txid FROM ouvira_seal.horizons").load(&mut self.0).await?;
        Ok(rows
            .into_iter()
            .map(|row| (Some(row.database).filter(|name| !name.is_empty()), row.txid))
            .collect())
    }

    /// Everything below `horizon` is sealed in that database.
    pub(crate) async fn note(
        &mut self,
        database: Option<&str>,
        horizon: i64,
        now: Timestamp,
    ) -> Result<(), DbError> {
        sql_query(
            "INSERT INTO ouvira_seal.horizons (database, txid, noted_at) VALUES ($1, $2, $3) \
             ON CONFLICT (database) DO UPDATE SET txid = excluded.txid, noted_at = excluded.noted_at",
        )
        .bind::<Text, _>(database.unwrap_or(""))
        .bind::<BigInt, _>(horizon)
        .bind::<Timestamptz, _>(now)
        .execute(&mut self.0)
        .await?;
        Ok(())
    }

    /// Lets the next one. What was noted is kept.
    pub(crate) async fn end(mut self) {
        if let Err(error) = self.0.batch_execute("COMMIT").await {
            tracing::debug!(%error, "how far the logs were sealed was not noted");
        }
    }
}
