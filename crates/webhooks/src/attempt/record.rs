//! Writing down how an attempt went.

use ouvira_common::{
    db::Tx,
    outbox::pause_of,
    ports::{Activity, Changes, Notice},
};
use serde_json::json;

use super::{PAUSED_AFTER, PAUSED_AFTER_FAILURES};
use crate::{
    WebhookError, Webhooks,
    model::{DeliveryId, DeliveryStatus, Pause, PausedReason, Webhook},
    permission::WEBHOOK_MANAGE,
    sender::Attempt,
    store::{self, AttemptRow, Due},
};

/// Those who are told of a pause at most.
const TOLD: u8 = 20;
/// The receiver wants no more (RFC 9110 §15.5.11).
const GONE: u16 = 410;

/// What came of an attempt.
pub(super) enum Recorded {
    /// It was sent.
    Sent {
        /// How that went.
        attempt: Attempt,
        /// Whether it is the last one.
        last: bool,
        /// The how-manieth it was.
        number: u32,
    },
    /// The webhook is paused.
    Skipped,
}

/// Writes it down, at the delivery and at the webhook. Answers whether it is to be tried again.
pub(super) async fn record(
    webhooks: &Webhooks,
    tx: &mut Tx,
    id: DeliveryId,
    due: &Due,
    outcome: &Recorded,
) -> Result<bool, WebhookError> {
    let Recorded::Sent { attempt, last, number } = outcome else {
        store::skip(tx, id);
        return Ok(false);
    };
    let now = tx.now();
    let gone = attempt.code == Some(GONE);
    let (status, next) = if attempt.succeeded() {
        (DeliveryStatus::Succeeded, None)
    } else if *last || gone {
        (DeliveryStatus::Failed, None)
    } else {
        (DeliveryStatus::Pending, Some(now + pause_of(*number, attempt.retry_after)))
    };
    let row = AttemptRow {
        status: status.as_str(),
        next_attempt_at: next,
        last_attempt_at: now,
        response_code: attempt.code.map(i32::from),
        response_body: attempt.body.clone(),
        error: attempt.error.map(str::to_owned),
        duration_ms: i32::try_from(attempt.took.as_millis()).unwrap_or(i32::MAX),
    };
    store::record_attempt(tx, id, row);
    if attempt.succeeded() {
        if due.failing {
            store::forget_failures(tx, due.webhook);
        }
        return Ok(false);
    }
    let Some(mut webhook) = store::note_failure(tx, due.webhook).await? else { return Ok(false) };
    if let Some(reason) = reason_to_pause(&webhook, gone, now) {
        webhook.paused = Some(Pause { reason, at: now });
        pause_webhook(webhooks, tx, webhook).await?;
    }
    Ok(next.is_some())
}

fn reason_to_pause(
    webhook: &Webhook,
    gone: bool,
    now: ouvira_common::time::Timestamp,
) -> Option<PausedReason> {
    let failing = webhook.failing_since.is_some_and(|since| now - since >= PAUSED_AFTER);
    if webhook.paused.is_some() {
        None
    } else if gone {
        Some(PausedReason::Gone)
    } else {
        (failing && webhook.failures >= PAUSED_AFTER_FAILURES).then_some(PausedReason::Failures)
    }
}

async fn pause_webhook(webhooks: &Webhooks, tx: &mut Tx, mut webhook: Webhook) -> Result<(), WebhookError> {
    webhook.version += 1;
    webhook.updated_at = tx.now();
    store::update(tx, &webhook);
    let reason = webhook.paused.map(|pause| pause.reason.as_str());
    let changes =
        Changes::new().public("status", Some("active"), Some("paused")).public("paused_reason", None, reason);
    let paused =
        Activity::new("webhook.paused", "webhook", webhook.id.0).label(webhook.origin()).changes(changes);
    webhooks.0.audit.record(tx, paused);
    for user in webhooks.0.holders.holders(tx, &WEBHOOK_MANAGE, TOLD).await? {
        let data = json!({"webhook_id": webhook.id, "url": webhook.origin(), "reason": reason});
        webhooks.0.notifier.notify(tx, Notice { user, kind: "webhook.paused", data });
    }
    Ok(())
}
