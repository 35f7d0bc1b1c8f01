//! Making a webhook.

use ouvira_common::{
    context::RequestContext,
    ports::{Activity, Changes},
    problem::FieldErrors,
};

use crate::{
    WebhookError, Webhooks,
    model::{Webhook, WebhookId, parse_description},
    rotate_secret::require_recent_sign_in,
    secret::SigningSecret,
    store,
};

/// Webhooks of one tenant at most: each event is sent to all of them.
pub const MOST: i64 = 50;

/// A webhook to be made, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewWebhook {
    /// Where events are sent: an absolute https address that is not of this network.
    pub url: String,
    /// Names of events, or `*`.
    pub events: Vec<String>,
    /// What people say of it, at most 500 characters.
    pub description: Option<String>,
}

impl Webhooks {
    /// Makes a webhook; its secret is shown now and never again. Needs `webhook.manage` and a recent sign-in.
    pub async fn create(
        &self,
        ctx: &RequestContext,
        new: NewWebhook,
    ) -> Result<(Webhook, SigningSecret), WebhookError> {
        require_recent_sign_in(ctx)?;
        // Before a name is looked up on behalf of somebody who may do nothing here.
        self.0.db.read(ctx, async |tx| self.require(tx).await).await?;
        let mut errors = FieldErrors::default();
        let url = errors.check(self.0.sender.parse(&new.url).await);
        let events = errors.check(self.0.events.parse(&new.events));
        let description = errors.check(new.description.as_deref().map_or(Ok(None), parse_description));
        let typed = url.zip(events).zip(description);
        let ((url, events), description) = errors.into_result(typed)?;
        let secret = SigningSecret::generate(&*self.0.entropy);
        let webhook = self
            .0
            .db
            .write(ctx, async |tx| {
                self.require(tx).await?;
                let now = tx.now();
                let webhook = Webhook {
                    id: WebhookId::new_at(now),
                    url: url.as_str().to_owned(),
                    description: description.clone(),
                    events: events.clone(),
                    paused: None,
                    failures: 0,
                    failing_since: None,
                    version: 1,
                    created_at: now,
                    updated_at: now,
                };
                let sealed = secret.seal(webhook.id, &ctx.tenant().data_key, &*self.0.entropy);
                if !store::insert(tx, &webhook, sealed, MOST).await? {
                    return Err(WebhookError::Limit);
                }
                self.0.audit.record(tx, created(&webhook));
                Ok(webhook)
            })
            .await?;
        Ok((webhook, secret))
    }
}

fn created(webhook: &Webhook) -> Activity {
    let changes = Changes::new()
        .public("url", None, Some(webhook.origin()))
        .public("events", None, Some(&webhook.events))
        .public("description", None, webhook.description.as_ref())
        .secret("secret");
    Activity::new("webhook.created", "webhook", webhook.id.0).label(webhook.origin()).changes(changes)
}
