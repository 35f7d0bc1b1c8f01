//! How far the fleet is.

use super::{Place, Placements, store};
use crate::{error::TenancyError, migrated::require_catalog};

/// The fleet as the catalog notes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FleetStatus {
    /// Placements that have everything.
    pub current: i64,
    /// Those that have not, the failed ones among them.
    pub pending: i64,
    /// Spare ones, counted in `current` or `pending` too.
    pub spare: i64,
    /// Those whose last migration failed, at most a hundred.
    pub failed: Vec<Place>,
}

impl Placements {
    /// How many placements are at the present. Errors: [`TenancyError::NotMigrated`] for a deployment that was never prepared,
    /// and so has no catalog to ask.
    pub async fn status(&self) -> Result<FleetStatus, TenancyError> {
        let mut conn = self.connection(None).await?;
        require_catalog(&mut conn).await?;
        let (current, pending, spare) = store::counts(&mut conn, self.history.fingerprint()).await?;
        Ok(FleetStatus { current, pending, spare, failed: store::failures(&mut conn).await? })
    }
}
