//! Schemas made in advance, so that a new tenant does not wait for its tables (T6).

use diesel_async::AsyncPgConnection;
use ouvira_common::{
    id::{TenantId, uuid_at},
    tenant::PlacementMode,
    time::Timestamp,
};

use super::{Placements, store};
use crate::{error::TenancyError, lock::Lock};

impl Placements {
    /// Makes schemas until `wanted` are spare and at the present; answers how many it made. Each is made under the id of
    /// its tenant to come, so that taking one into use is an UPDATE, which `serve` may do. What an interrupted call left
    /// is completed first. When another process is at it, this one leaves it to that.
    pub async fn keep_spare(&self, wanted: usize, now: Timestamp) -> Result<usize, TenancyError> {
        let Some(lock) = Lock::take(self.connection(None).await?, "spare").await? else { return Ok(0) };
        let outcome = self.make_spare(wanted, now).await;
        lock.release().await;
        outcome
    }

    async fn make_spare(&self, wanted: usize, now: Timestamp) -> Result<usize, TenancyError> {
        let mut conn = self.connection(None).await?;
        let abandoned = store::abandoned(&mut conn).await?;
        for place in &abandoned {
            self.migrate_schema(&mut conn, place).await?;
            store::migrated(&mut conn, place.id, "spare", self.history.fingerprint(), now).await?;
        }
        let missing = wanted.saturating_sub(store::spares(&mut conn, self.history.fingerprint()).await?);
        for _ in 0..missing {
            self.make_one_spare(&mut conn, now).await?;
        }
        Ok(abandoned.len() + missing)
    }

    async fn make_one_spare(&self, conn: &mut AsyncPgConnection, now: Timestamp) -> Result<(), TenancyError> {
        let (id, tenant) = (uuid_at(now), TenantId::new_at(now));
        store::insert(conn, id, tenant, PlacementMode::Schema, now).await?;
        self.make(tenant, PlacementMode::Schema).await?;
        store::migrated(conn, id, "spare", self.history.fingerprint(), now).await?;
        Ok(())
    }
}
