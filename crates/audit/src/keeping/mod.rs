//! For how long rows are kept: partitions made ahead and dropped in the common tables, batches deleted elsewhere. All of
//! it as the owner, by the worker.

mod delete;
mod months;
mod names;

use diesel_async::AsyncPgConnection;
use ouvira_common::{
    db::{ConnectError, DbError, Endpoint, connect},
    time::Timestamp,
};

pub use delete::delete_expired;
pub use months::{drop_expired, prepare_months};

/// What a round of keeping did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeepingReport {
    /// Partitions that were made ahead.
    pub made: usize,
    /// Partitions that were dropped with their rows.
    pub dropped: usize,
    /// Rows that were deleted one by one.
    pub deleted: u64,
}

/// A round of keeping was not finished; the next one goes on.
#[derive(Debug, thiserror::Error)]
pub enum KeepingError {
    /// A database cannot be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// A database says no.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<diesel::result::Error> for KeepingError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}

/// One round in one database, the common one or a tenant's own, through `owner`: months ahead, then what is over and
/// sealed.
pub async fn keep(
    owner: &Endpoint,
    database: Option<&str>,
    now: Timestamp,
) -> Result<KeepingReport, KeepingError> {
    let mut conn: AsyncPgConnection = connect(owner, database).await?;
    let mut report = KeepingReport::default();
    if names::is_partitioned(&mut conn).await? {
        report.made = prepare_months(&mut conn, now).await?;
        let horizon = names::horizon(&mut conn).await?;
        report.dropped = drop_expired(&mut conn, horizon, now).await?;
    }
    for schema in names::plain_schemas(&mut conn).await? {
        report.deleted += delete_expired(&mut conn, &schema, now).await?;
    }
    Ok(report)
}
