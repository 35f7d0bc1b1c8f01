//! Changing, pausing and resuming a webhook.

use ouvira_common::{
    context::RequestContext,
    ports::{Activity, Changes},
    problem::{FieldCode, FieldError, FieldErrors},
};

use crate::{
    WebhookError, Webhooks,
    model::{Pause, PausedReason, Webhook, WebhookId, parse_description},
    store,
};

/// What happens to a member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Edit<T> {
    /// It stays.
    #[default]
    Keep,
    /// It gets its default.
    Reset,
    /// It becomes this.
    To(T),
}

/// Changes of a webhook, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookEdit {
    /// Where events are sent; has no default.
    pub url: Edit<String>,
    /// Names of events; have no default.
    pub events: Edit<Vec<String>>,
    /// What people say of it; by default nothing.
    pub description: Edit<String>,
    /// Whether it is at work; by default it is.
    pub active: Edit<bool>,
}

fn required<T>(pointer: &str, edit: Edit<T>) -> Result<Option<T>, FieldError> {
    match edit {
        Edit::Keep => Ok(None),
        Edit::Reset => Err(FieldError::new(pointer, FieldCode::Required)),
        Edit::To(value) => Ok(Some(value)),
    }
}

impl Webhooks {
    /// Changes the webhook when it is at `expected`, where that is given. Resuming forgets the failures. Needs
    /// `webhook.manage`.
    pub async fn update(
        &self,
        ctx: &RequestContext,
        id: WebhookId,
        expected: Option<i64>,
        edit: WebhookEdit,
    ) -> Result<Webhook, WebhookError> {
        self.read(ctx, id).await?;
        let mut errors = FieldErrors::default();
        let url = match errors.check(required("/url", edit.url)).flatten() {
            Some(url) => errors.check(self.0.sender.parse(&url).await).map(|url| url.as_str().to_owned()),
            None => None,
        };
        let events = errors.check(required("/events", edit.events)).flatten();
        let events = events.and_then(|events| errors.check(self.0.events.parse(&events)));
        let description = match edit.description {
            Edit::Keep => None,
            Edit::Reset => Some(None),
            Edit::To(text) => errors.check(parse_description(&text)),
        };
        errors.into_result(Some(()))?;
        self.0
            .db
            .write(ctx, async |tx| {
                self.require(tx).await?;
                let before = store::lock(tx, id).await?.ok_or(WebhookError::NotFound)?;
                if expected.is_some_and(|expected| expected != before.version) {
                    return Err(WebhookError::VersionMismatch);
                }
                let mut after = Webhook {
                    url: url.clone().unwrap_or_else(|| before.url.clone()),
                    events: events.clone().unwrap_or_else(|| before.events.clone()),
                    description: description.clone().unwrap_or_else(|| before.description.clone()),
                    ..before.clone()
                };
                match (&edit.active, before.paused) {
                    (Edit::To(false), None) => {
                        after.paused = Some(Pause { reason: PausedReason::Manual, at: tx.now() });
                    }
                    (Edit::To(true) | Edit::Reset, Some(_)) => {
                        (after.paused, after.failures, after.failing_since) = (None, 0, None);
                    }
                    _ => {}
                }
                if after == before {
                    return Ok(before);
                }
                after.version += 1;
                after.updated_at = tx.now();
                store::update(tx, &after);
                self.0.audit.record(tx, updated(&before, &after));
                Ok(after)
            })
            .await
    }
}

fn updated(before: &Webhook, after: &Webhook) -> Activity {
    let status = |webhook: &Webhook| if webhook.paused.is_some() { "paused" } else { "active" };
    let mut changes = Changes::new()
        .public("url", Some(before.origin()), Some(after.origin()))
        .public("events", Some(&before.events), Some(&after.events))
        .public("description", before.description.as_ref(), after.description.as_ref())
        .public("status", Some(status(before)), Some(status(after)));
    if before.url != after.url && before.origin() == after.origin() {
        changes = changes.secret("path");
    }
    Activity::new("webhook.updated", "webhook", after.id.0).label(after.origin()).changes(changes)
}
