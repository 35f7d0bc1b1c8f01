//! Bringing every placement to the present (T5).

use std::{
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard, PoisonError},
};

use diesel_async::AsyncPgConnection;
use futures_util::future::try_join_all;
use ouvira_common::time::Timestamp;

use super::{Place, Placements, Prepared, store};
use crate::error::TenancyError;

/// What a run over the fleet did.
#[derive(Debug, Default)]
pub struct FleetReport {
    /// What was applied to the common database.
    pub prepared: Prepared,
    /// How many other placements were brought to the present.
    pub migrated: usize,
    /// Those that were not, and why. They stay as they were after their last complete migration.
    pub failed: Vec<(Place, String)>,
}

/// What several jobs share.
struct Run {
    pending: Mutex<Vec<Place>>,
    report: Mutex<FleetReport>,
    now: Timestamp,
}

impl Placements {
    /// Brings the common database to the present, then every other placement that is not there yet, `jobs` at a time. May
    /// be interrupted and repeated: what is done is noted placement by placement, and with nothing to do the fleet is one
    /// indexed query, however large it is. A placement that fails stops none of the others.
    pub async fn migrate(&self, jobs: NonZeroUsize, now: Timestamp) -> Result<FleetReport, TenancyError> {
        let prepared = self.prepare(now).await?;
        let mut conn = self.connection(None).await?;
        let pending = store::pending(&mut conn, self.history.fingerprint()).await?;
        drop(conn);
        let jobs = jobs.get().min(pending.len());
        let report = FleetReport { prepared, ..FleetReport::default() };
        let run = Run { pending: Mutex::new(pending), report: Mutex::new(report), now };
        try_join_all((0..jobs).map(|_| self.work_off(&run))).await?;
        Ok(run.report.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// One job: takes placement after placement until none is left. Fails only when the catalog cannot be reached.
    async fn work_off(&self, run: &Run) -> Result<(), TenancyError> {
        let mut conn = self.connection(None).await?;
        loop {
            let Some(place) = locked(&run.pending).pop() else { return Ok(()) };
            match self.bring_to_present(&mut conn, &place, run.now).await {
                Ok(()) => locked(&run.report).migrated += 1,
                Err(error) => {
                    tracing::warn!(%place, %error, "a placement could not be migrated");
                    // Whatever it was, it may have taken the connection with it.
                    conn = self.connection(None).await?;
                    store::failed(&mut conn, place.id, &error.to_string(), run.now).await?;
                    locked(&run.report).failed.push((place, error.to_string()));
                }
            }
        }
    }

    /// Migrates one placement and notes that; `conn` is to the common database.
    async fn bring_to_present(
        &self,
        conn: &mut AsyncPgConnection,
        place: &Place,
        now: Timestamp,
    ) -> Result<(), TenancyError> {
        match &place.database {
            None => self.migrate_schema(conn, place).await?,
            Some(database) => self.migrate_database(database, place).await?,
        }
        store::brought_to(conn, place.id, self.history.fingerprint(), now).await?;
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
