use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ouvira_common::outbox::{Delivery, OutboxEvent as _, OutboxHandler as _};
use ouvira_common::{problem::FieldCode, tenant::PlacementMode, testing::fakes::AllowAll};
use ouvira_webhooks::{NewWebhook, SendDeliveries, WebhookError, model::DeliveryStatus};

use crate::{receiver::Receiver, support::House};

/// Whatever the notation, an address of this network is refused when it is typed.
#[tokio::test]
async fn targets_inside_the_network_are_refused_in_every_notation() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let webhooks = house.webhooks_with(Arc::new(AllowAll), "");
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "0177.0.0.1",
        "127.1",
        "127.0.0.1.",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "0",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.5.4",
        "192.168.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "１２７.0.0.1",
        "127。0。0。1",
    ] {
        let new = NewWebhook {
            url: format!("https://{host}/hook"),
            events: vec!["*".to_owned()],
            description: None,
        };
        match webhooks.create(&ctx, new).await.unwrap_err() {
            WebhookError::Fields(fields) => {
                assert_eq!(fields.0[0].code, FieldCode::ForbiddenTarget, "{host}");
                assert_eq!(fields.0[0].pointer, "/url");
            }
            other => panic!("{host}: {other}"),
        }
    }
}

/// A name that leads elsewhere by the time it is called (DNS rebinding), or a network that is no longer allowed.
#[tokio::test]
async fn the_address_is_checked_again_when_it_is_connected_to() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let receiver = Receiver::start().await;
    let port = receiver.address.port();
    for host in ["127.0.0.1", "localhost"] {
        let both = house.webhooks_with(Arc::new(AllowAll), "127.0.0.0/8,::1/128");
        let new = NewWebhook {
            url: format!("http://{host}:{port}/"),
            events: vec!["*".to_owned()],
            description: None,
        };
        let (webhook, _) = both.create(&ctx, new).await.unwrap();
        house.happen("thing.made.v1", 1).await;
        let due = house.attempts_due().await.pop().unwrap();
        let strict = SendDeliveries(house.webhooks_with(Arc::new(AllowAll), ""));
        let delivery = Delivery {
            id: uuid::Uuid::nil(),
            topic: ouvira_webhooks::AttemptDue::TOPIC.to_owned(),
            payload: due,
            attempt: 1,
        };
        strict.handle(&house.tenant.job(), &delivery).await.unwrap_err();
        let tried = house.newest(&ctx, webhook.id).await;
        assert_eq!(tried.error.as_deref(), Some("the address may not be called"), "{host}");
        assert_eq!(tried.response_code, None);
    }
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_an_endless_answer_not_read() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let (outer, inner) = (Receiver::start().await, Receiver::start().await);
    let (webhook, _) = house.hook(&ctx, &outer.url(), &["*"]).await;
    outer.answer_raw(format!("HTTP/1.1 307 x\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", inner.url()));
    house.happen("thing.made.v1", 1).await;
    let due = house.attempts_due().await;
    house.attempt(&due[0], 1).await.unwrap_err();
    assert_eq!(house.newest(&ctx, webhook.id).await.response_code, Some(307));
    assert!(inner.received().is_empty());

    // A gigabyte is promised, a megabyte is there.
    outer.answer_raw(format!(
        "HTTP/1.1 200 x\r\ncontent-length: 1000000000\r\n\r\n{}",
        "x\u{0}".repeat(500_000)
    ));
    let begun = Instant::now();
    house.attempt(&due[0], 2).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(10));
    let taken = house.newest(&ctx, webhook.id).await;
    assert_eq!((taken.status, taken.response_code), (DeliveryStatus::Succeeded, Some(200)));
    assert_eq!(taken.response_body.unwrap().len(), 512);
}
