//! A new key in place of the old one, without anybody being signed out.

use chrono::Duration;
use diesel_async::AsyncConnection as _;
use serde_json::json;

use super::{KeyRecord, KeyRing, material, store};
use crate::{
    PlatformContext,
    catalog::store::{LogEntry, log},
    error::TenancyError,
};

/// The times of a rotation.
#[derive(Debug, Clone, Copy)]
pub struct Rotation {
    /// From being published to signing. Verifiers elsewhere keep the key set for a while: longer than they do, and than
    /// our own nodes' 30 s, so that none meets a key it has not heard of.
    pub lead: Duration,
    /// From the new key's first signature to the old ones' end: the life of the longest token, which is that of an operator's
    /// leave, and some minutes.
    pub overlap: Duration,
}

impl Default for Rotation {
    /// An hour ahead, eight and a half beside each other.
    fn default() -> Self {
        Self { lead: Duration::hours(1), overlap: Duration::minutes(510) }
    }
}

impl KeyRing {
    /// Publishes a new key that will sign after `rotation.lead`; the others verify for `rotation.overlap` longer. A
    /// rotation that is under way is not begun a second time: its key is the answer. A lead of zero is for a key that
    /// leaked. Keys that ended are removed.
    pub async fn rotate(&self, ctx: &PlatformContext, rotation: Rotation) -> Result<KeyRecord, TenancyError> {
        let now = ctx.now;
        let key = self
            .0
            .catalog
            .connection()
            .await?
            .transaction(async |conn| {
                store::lock(conn).await?;
                store::remove_retired(conn, now).await?;
                let newest = store::living(conn, now).await?.into_iter().next();
                if let Some(newest) =
                    newest.filter(|key| key.activates_at > now && rotation.lead > Duration::zero())
                {
                    return Ok(newest);
                }
                let activates_at = now + rotation.lead;
                let key = material::generate(&self.0.wrapping, self.0.entropy.as_ref(), now, activates_at);
                store::insert(conn, &key).await?;
                store::retire_others(conn, &key.kid, activates_at + rotation.overlap).await?;
                let entry = LogEntry {
                    action: "signing_key.rotated",
                    object_type: "signing_key",
                    object_id: key.kid.clone(),
                    tenant: None,
                    details: json!({"activates_at": activates_at}),
                };
                log(conn, ctx, entry).await?;
                Ok::<_, TenancyError>(key)
            })
            .await?;
        self.forget();
        Ok(key)
    }
}
