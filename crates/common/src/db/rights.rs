//! Versions of rights: how a decision made in memory is tied to the transaction that acts on it.

use diesel::sql_types::{BigInt, Nullable, Uuid as SqlUuid};
use diesel_async::RunQueryDsl as _;

use super::{
    DbError, cached,
    tx::{Tx, Verdict},
};
use crate::id::UserId;

/// Names one state of one user's rights: a snapshot taken at it is right exactly as long as the gate returns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RightsVersion {
    /// Of the tenant: roles, the company tree, ownership.
    pub epoch: i64,
    /// Of the user: grants to them alone.
    pub version: i64,
}

#[derive(diesel::QueryableByName)]
struct Raised {
    #[diesel(sql_type = Nullable<BigInt>)]
    before: Option<i64>,
}

impl Tx {
    /// Says that a decision was made on rights at `version`. When the gate has returned, or will return, another one,
    /// the transaction is rolled back and the use case run once more.
    pub fn assume_rights(&mut self, version: RightsVersion) -> Result<(), DbError> {
        match self.admission() {
            Some(admission) if admission.rights != version => Err(self.stop(Verdict::Stale)),
            Some(_) => Ok(()),
            // Decided twice, on different states: one of them is not in force.
            None if self.assumed.is_some_and(|assumed| assumed != version) => Err(self.stop(Verdict::Stale)),
            None => {
                self.assumed = Some(version);
                Ok(())
            }
        }
    }

    /// Says that this transaction changes what roles, ownership or the company tree give: every snapshot of the tenant
    /// ends. Takes the tenant's row lock, so such changes happen one after the other; when one happened since the gate,
    /// the use case runs once more, this time with the lock taken first. Call it before reading what must not race.
    pub async fn raise_rights_epoch(&mut self) -> Result<(), DbError> {
        if self.rights_locked {
            return Ok(());
        }
        let decided_on = self.open().await?.rights;
        let before = self.lock_rights().await?;
        if before == decided_on.epoch { Ok(()) } else { Err(self.stop(Verdict::Raced)) }
    }

    /// Says that this transaction changes one user's grants: their snapshots end.
    pub fn raise_rights_version(&mut self, user: UserId) {
        self.defer(cached(
            diesel::sql_query("SELECT ouvira_core.raise_rights_version($1)").bind::<SqlUuid, _>(user),
        ));
    }

    /// Goes through the gate and takes the rights lock before anything is decided; from here on nobody else changes
    /// rights, and the epoch decided on is the one found under the lock.
    pub(super) async fn open_locked(&mut self) -> Result<(), DbError> {
        self.open().await?;
        let epoch = self.lock_rights().await?;
        self.found_epoch(epoch);
        Ok(())
    }

    /// Raises the epoch and answers the one before.
    async fn lock_rights(&mut self) -> Result<i64, DbError> {
        let raised: Raised = cached(diesel::sql_query("SELECT ouvira_core.raise_rights_epoch() AS before"))
            .get_result(self)
            .await
            .map_err(DbError::from)?;
        self.rights_locked = true;
        raised.before.ok_or_else(|| DbError::Query(diesel::result::Error::NotFound))
    }
}
