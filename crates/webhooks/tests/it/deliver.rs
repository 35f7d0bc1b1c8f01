use chrono::Duration;
use ouvira_common::{
    outbox::{ATTEMPTS, HandlerError},
    problem::Code,
    tenant::PlacementMode,
};
use ouvira_webhooks::{
    DeliveryFilter, Edit, KEPT_DAYS, OVERLAP, PAUSED_AFTER, WebhookEdit,
    model::{DeliveryStatus, PausedReason},
};
use serde_json::{Value, json};

use crate::{
    receiver::Receiver,
    support::{House, code, first},
};

#[tokio::test]
async fn an_event_reaches_its_subscribers_signed_and_once() {
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let ctx = house.somebody().await;
        let (one, all, other) = (Receiver::start().await, Receiver::start().await, Receiver::start().await);
        let (webhook, secret) = house.hook(&ctx, &one.url(), &["thing.made.v1"]).await;
        let (_, all_secret) = house.hook(&ctx, &all.url(), &["*"]).await;
        house.hook(&ctx, &other.url(), &["thing.broken.v1"]).await;

        let event = house.happen("thing.made.v1", 7).await;
        // Handled twice, as the outbox may.
        house.fan_out(&event).await;
        let due = house.attempts_due().await;
        assert_eq!(due.len(), 2);
        for due in &due {
            house.attempt(due, 1).await.unwrap();
            house.attempt(due, 1).await.unwrap();
        }
        assert!(other.received().is_empty());
        let [received] = one.received().try_into().unwrap();
        assert!(received.is_signed_with(&secret) && !received.is_signed_with(&all_secret));
        assert!(all.received()[0].is_signed_with(&all_secret));
        let mut changed = received.clone();
        changed.body = changed.body.replace('7', "8");
        assert!(!changed.is_signed_with(&secret));
        assert_eq!(received.headers["webhook-id"], event.id.to_string());
        assert_eq!(received.headers["content-type"], "application/json");
        let body: Value = serde_json::from_str(&received.body).unwrap();
        assert_eq!((&body["type"], &body["data"]), (&json!("thing.made.v1"), &json!({"n": 7})));
        assert!(body["timestamp"].as_str().unwrap().ends_with('Z'));

        let delivery = house.newest(&ctx, webhook.id).await;
        assert_eq!((delivery.status, delivery.attempts), (DeliveryStatus::Succeeded, 1));
        assert_eq!((delivery.response_code, delivery.error), (Some(204), None));
        let failed = DeliveryFilter { status: Some(DeliveryStatus::Failed), event: None };
        let found = house.webhooks().list_deliveries(&ctx, webhook.id, &failed, &first(5)).await.unwrap();
        assert_eq!(found.items, []);
    }
}

#[tokio::test]
async fn a_failure_is_tried_again_and_given_up_in_the_end_and_can_be_replayed() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let receiver = Receiver::start().await;
    receiver.answer(500, "out of order");
    let (webhook, secret) = house.hook(&ctx, &receiver.url(), &["*"]).await;
    house.happen("thing.made.v1", 1).await;
    let due = house.attempts_due().await;
    assert!(matches!(house.attempt(&due[0], 1).await, Err(HandlerError::Transient(_))));
    let tried = house.newest(&ctx, webhook.id).await;
    assert_eq!((tried.status, tried.response_code, tried.attempts), (DeliveryStatus::Pending, Some(500), 1));
    assert_eq!(tried.response_body.as_deref(), Some("out of order"));
    assert_eq!(tried.next_attempt_at, Some(house.tenant.now() + Duration::seconds(2)));
    house.attempt(&due[0], ATTEMPTS).await.unwrap();
    let given_up = house.newest(&ctx, webhook.id).await;
    assert_eq!((given_up.status, given_up.next_attempt_at), (DeliveryStatus::Failed, None));
    assert_eq!(house.webhooks().read(&ctx, webhook.id).await.unwrap().failures, 2);

    receiver.answer(200, "");
    let replayed = house.webhooks().replay(&ctx, webhook.id, given_up.id).await.unwrap();
    assert_eq!((replayed.replay_of, replayed.event_id), (Some(given_up.id), given_up.event_id));
    let again = house.attempts_due().await;
    house.attempt(&again[0], 1).await.unwrap();
    let got = receiver.received();
    assert_eq!(got.len(), 3);
    assert_eq!(got[2].headers["webhook-id"], got[0].headers["webhook-id"]);
    assert_eq!(got[2].body, got[0].body);
    assert!(got[2].is_signed_with(&secret));
    assert_eq!(house.newest(&ctx, webhook.id).await.status, DeliveryStatus::Succeeded);
    assert_eq!(house.webhooks().read(&ctx, webhook.id).await.unwrap().failures, 0);
}

#[tokio::test]
async fn who_asks_for_a_pause_gets_it_within_bounds() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let receiver = Receiver::start().await;
    let (webhook, _) = house.hook(&ctx, &receiver.url(), &["*"]).await;
    house.happen("thing.made.v1", 1).await;
    let due = house.attempts_due().await;
    for (status, asked, seconds) in
        [(429, "300", 300), (503, "1", 2), (503, "864000", 4 * 3600), (500, "300", 2)]
    {
        receiver
            .answer_raw(format!("HTTP/1.1 {status} x\r\nretry-after: {asked}\r\ncontent-length: 0\r\n\r\n"));
        let again = house.attempt(&due[0], 1).await.unwrap_err();
        assert_eq!(matches!(again, HandlerError::Later { .. }), status != 500, "{again}");
        let next = house.newest(&ctx, webhook.id).await.next_attempt_at;
        assert_eq!(next, Some(house.tenant.now() + Duration::seconds(seconds)), "{status} {asked}");
    }
}

#[tokio::test]
async fn for_a_day_after_a_rotation_both_secrets_sign() {
    let house = House::new(PlacementMode::Shared).await;
    let user = house.tenant.user().await;
    let receiver = Receiver::start().await;
    let (webhook, former) = house.hook(&house.tenant.context(&user), &receiver.url(), &["*"]).await;
    let rotated =
        house.webhooks().rotate_secret(&house.tenant.context(&user), webhook.id, Some(1)).await.unwrap();
    let present = rotated.secret.text().expose().to_owned();
    assert_eq!(rotated.former_until, house.tenant.now() + OVERLAP);
    let send = async || {
        house.happen("thing.made.v1", 1).await;
        let due = house.attempts_due().await;
        house.attempt(&due[0], 1).await.unwrap();
        receiver.received().pop().unwrap()
    };
    let both = send().await;
    assert!(both.is_signed_with(&former) && both.is_signed_with(&present));
    assert_eq!(both.headers["webhook-signature"].split(' ').count(), 2);
    house.tenant.clock().advance(OVERLAP);
    // The independent implementation would refuse a message of tomorrow; one signature is all there is.
    assert_eq!(send().await.headers["webhook-signature"].split(' ').count(), 1);
}

#[tokio::test]
async fn what_fails_for_days_is_paused_and_its_administrators_are_told() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let receiver = Receiver::start().await;
    receiver.answer(503, "");
    let (webhook, _) = house.hook(&ctx, &receiver.url(), &["*"]).await;
    house.happen("thing.made.v1", 1).await;
    let due = house.attempts_due().await;
    for attempt in 1..ATTEMPTS {
        let _ = house.attempt(&due[0], attempt).await;
    }
    let many = house.webhooks().read(&ctx, webhook.id).await.unwrap();
    assert!(many.failures >= 10 && many.paused.is_none(), "not for a bad quarter of an hour");
    house.tenant.clock().advance(PAUSED_AFTER);
    let _ = house.attempt(&due[0], 3).await;
    let paused = house.webhooks().read(&ctx, webhook.id).await.unwrap();
    assert_eq!(paused.paused.map(|pause| pause.reason), Some(PausedReason::Failures));
    let notices = house.notifier.notices();
    assert_eq!(notices.len(), 1);
    assert_eq!((notices[0].user, notices[0].kind), (house.admin, "webhook.paused"));
    assert!(house.audit.actions().contains(&"webhook.paused"));

    // What waits, and what happens now, is noted and not sent.
    let sent = receiver.received().len();
    house.attempt(&due[0], 4).await.unwrap();
    house.happen("thing.broken.v1", 2).await;
    assert!(house.attempts_due().await.is_empty());
    assert_eq!(receiver.received().len(), sent);
    let skipped = house.newest(&ctx, webhook.id).await;
    assert_eq!((skipped.status, skipped.event.as_str()), (DeliveryStatus::Skipped, "thing.broken.v1"));
    assert_eq!(code(house.webhooks().replay(&ctx, webhook.id, skipped.id).await), Code::WebhookPaused);
    let resume = WebhookEdit { active: Edit::To(true), ..WebhookEdit::default() };
    let resumed = house.webhooks().update(&ctx, webhook.id, None, resume).await.unwrap();
    assert_eq!((resumed.paused, resumed.failures), (None, 0));
    house.webhooks().replay(&ctx, webhook.id, skipped.id).await.unwrap();
}

#[tokio::test]
async fn who_answers_gone_is_left_alone_at_once() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let receiver = Receiver::start().await;
    receiver.answer(410, "");
    let (webhook, _) = house.hook(&ctx, &receiver.url(), &["*"]).await;
    house.happen("thing.made.v1", 1).await;
    let due = house.attempts_due().await;
    house.attempt(&due[0], 1).await.unwrap();
    assert_eq!(house.newest(&ctx, webhook.id).await.status, DeliveryStatus::Failed);
    let paused = house.webhooks().read(&ctx, webhook.id).await.unwrap().paused;
    assert_eq!(paused.map(|pause| pause.reason), Some(PausedReason::Gone));
}

#[tokio::test]
async fn a_deleted_webhook_gets_nothing_more_and_old_deliveries_go() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let receiver = Receiver::start().await;
    let (webhook, _) = house.hook(&ctx, &receiver.url(), &["*"]).await;
    house.happen("thing.made.v1", 1).await;
    let due = house.attempts_due().await;
    house.webhooks().delete(&ctx, webhook.id, None).await.unwrap();
    house.attempt(&due[0], 1).await.unwrap();
    assert!(receiver.received().is_empty());

    assert_eq!(house.webhooks().remove_old_deliveries(&house.tenant.job(), 10).await.unwrap(), 0);
    house.tenant.clock().advance(Duration::days(KEPT_DAYS) + Duration::minutes(1));
    assert_eq!(house.webhooks().remove_old_deliveries(&house.tenant.job(), 10).await.unwrap(), 1);
}
