//! The first key.

use diesel_async::AsyncConnection as _;

use super::{KeyRing, material, store};
use crate::error::TenancyError;

impl KeyRing {
    /// Makes the first key when there is none; nodes that start at once make one. Answers whether this call did.
    pub async fn ensure_key(&self) -> Result<bool, TenancyError> {
        let now = self.0.clock.now();
        let made = self
            .0
            .catalog
            .connection()
            .await?
            .transaction(async |conn| {
                store::lock(conn).await?;
                if store::living(conn, now).await?.iter().any(|key| key.activates_at <= now) {
                    return Ok(false);
                }
                let key = material::generate(&self.0.wrapping, self.0.entropy.as_ref(), now, now);
                store::insert(conn, &key).await?;
                Ok::<_, TenancyError>(true)
            })
            .await?;
        if made {
            self.forget();
        }
        Ok(made)
    }
}
