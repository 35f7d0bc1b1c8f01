//! The catalog's note of each placement's history, made anew from the ledgers.

use ouvira_common::time::Timestamp;

use super::{Placements, Selection, plan::missing_at, store};
use crate::error::TenancyError;

impl Placements {
    /// Reads every ledger and corrects the catalog's note of it: after a placement or the catalog was restored from a
    /// backup. Answers how many notes were wrong. Placements that lack something are pending from then on.
    pub async fn recount(&self, now: Timestamp) -> Result<usize, TenancyError> {
        let mut catalog = self.connection(None).await?;
        let mut wrong = 0;
        let mut walk = self.walk(Selection::All).await?;
        while let Some((place, conn)) = walk.next().await {
            let complete = missing_at(conn?, &place, &self.history).await?.is_empty();
            let history = if complete { self.history.fingerprint() } else { "" };
            wrong += store::brought_to(&mut catalog, place.id, history, now).await?;
        }
        Ok(wrong)
    }
}
