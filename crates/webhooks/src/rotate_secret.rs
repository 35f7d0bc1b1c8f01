//! Replacing a signing secret.

use chrono::Duration;
use ouvira_common::{
    context::RequestContext,
    ports::{Activity, Changes},
    time::Timestamp,
};

use crate::{
    WebhookError, Webhooks,
    model::{Webhook, WebhookId},
    secret::SigningSecret,
    store,
};

/// How long the former secret signs too, so that the receiver can be given the new one without a message lost.
pub const OVERLAP: Duration = Duration::hours(24);
/// How long ago the caller may have proven who they are (ASVS V7.5.3).
const STEP_UP_WITHIN: Duration = Duration::minutes(10);

/// A replaced secret.
#[derive(Debug, Clone)]
pub struct Rotated {
    /// The webhook from now on.
    pub webhook: Webhook,
    /// The new secret; shown now and never again.
    pub secret: SigningSecret,
    /// Until when the former one signs too.
    pub former_until: Timestamp,
}

impl Webhooks {
    /// Makes a new secret. Messages are signed with both until [`OVERLAP`] is over; a secret that is replaced within it
    /// is forgotten at once. Needs `webhook.manage` and a recent sign-in.
    pub async fn rotate_secret(
        &self,
        ctx: &RequestContext,
        id: WebhookId,
        expected: Option<i64>,
    ) -> Result<Rotated, WebhookError> {
        require_recent_sign_in(ctx)?;
        let secret = SigningSecret::generate(&*self.0.entropy);
        let former_until = ctx.now() + OVERLAP;
        let webhook = self
            .0
            .db
            .write(ctx, async |tx| {
                self.require(tx).await?;
                let mut webhook = store::lock(tx, id).await?.ok_or(WebhookError::NotFound)?;
                if expected.is_some_and(|expected| expected != webhook.version) {
                    return Err(WebhookError::VersionMismatch);
                }
                webhook.version += 1;
                webhook.updated_at = tx.now();
                let sealed = secret.seal(id, &ctx.tenant().data_key, &*self.0.entropy);
                store::replace_secret(tx, &webhook, sealed, former_until);
                let rotated =
                    Activity::new("webhook.secret_rotated", "webhook", id.0).label(webhook.origin());
                self.0.audit.record(tx, rotated.changes(Changes::new().secret("secret")));
                Ok::<_, WebhookError>(webhook)
            })
            .await?;
        Ok(Rotated { webhook, secret, former_until })
    }
}

/// Fails when the caller did not prove who they are lately.
pub(crate) fn require_recent_sign_in(ctx: &RequestContext) -> Result<(), WebhookError> {
    let recent = |at| ctx.now() - at <= STEP_UP_WITHIN;
    if ctx.authentication().at.is_some_and(recent) {
        Ok(())
    } else {
        Err(WebhookError::ReauthenticationRequired)
    }
}
