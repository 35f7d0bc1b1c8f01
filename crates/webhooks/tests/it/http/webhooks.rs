use std::sync::Arc;

use actix_web::http::Method;
use chrono::Duration;
use ouvira_common::{
    tenant::PlacementMode,
    testing::fakes::{AllowAll, DenyAll},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{receiver::Receiver, support::House};

#[tokio::test]
async fn a_webhook_is_made_read_changed_and_deleted() {
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let ctx = house.somebody().await;
        let new =
            json!({"url": "https://example.com/hook", "events": ["thing.made.v1"], "description": "Ours"});
        let made = house.post(&ctx, "", &new).send().await;
        assert_eq!(made.status, 201, "{made:?}");
        assert_eq!(made.header("location"), format!("/api/v1/audit/webhooks/{}", made.id()));
        assert!(made.body["secret"].as_str().unwrap().starts_with("whsec_"));

        let path = format!("/{}", made.id());
        let read = house.get(&ctx, &path).send().await;
        assert_eq!((read.status, read.header("etag")), (200, "\"1\""));
        assert_eq!(read.body["secret"], Value::Null, "it was shown once");
        assert_eq!(house.get(&ctx, "").send().await.body["items"], json!([read.body]));

        let pause = |version| {
            let call = house.call(&ctx, Method::PATCH, &path).header("If-Match", version);
            call.json(&json!({"status": "paused"})).send()
        };
        assert_eq!(pause("\"7\"").await.problem(), (412, "version_mismatch"));
        let paused = pause("\"1\"").await;
        assert_eq!(
            (&paused.body["status"], &paused.body["paused_reason"], paused.header("etag")),
            (&json!("paused"), &json!("manual"), "\"2\"")
        );

        let rotated = house.post(&ctx, &format!("{path}/rotate-secret"), &json!({})).send().await;
        assert_eq!(rotated.status, 200, "{rotated:?}");
        assert_ne!(rotated.body["secret"], made.body["secret"]);
        assert_eq!(house.call(&ctx, Method::DELETE, &path).send().await.status, 204);
        assert_eq!(house.get(&ctx, &path).send().await.problem(), (404, "not_found"));
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_a_problem_that_names_its_field() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let strict = house.webhooks_with(Arc::new(AllowAll), "");
    let refused = async |body: Value| {
        let refused = house.post(&ctx, "", &body).with(strict.clone()).send().await;
        assert_eq!(refused.status, 422, "{body}");
        let (pointer, code) = refused.first_error();
        (pointer.to_owned(), code.to_owned())
    };
    for (url, code) in [
        ("https://127.0.0.1/", "forbidden_target"),
        ("https://0x7f.1/", "forbidden_target"),
        ("https://2130706433/", "forbidden_target"),
        ("https://[::ffff:10.0.0.1]/", "forbidden_target"),
        ("https://169.254.169.254/latest/meta-data", "forbidden_target"),
        ("https://localhost./", "forbidden_target"),
        ("ftp://example.com/", "invalid_format"),
        ("https://user:password@example.com/", "invalid_format"),
        ("hook", "invalid_format"),
    ] {
        let found = refused(json!({"url": url, "events": ["*"]})).await;
        assert_eq!(found, ("/url".to_owned(), code.to_owned()), "{url}");
    }
    for (body, pointer, code) in [
        (json!({"url": "https://example.com/", "events": ["thing.lost.v1"]}), "/events/0", "invalid_choice"),
        (json!({"url": "https://example.com/", "events": []}), "/events", "empty"),
        (json!({"url": "https://example.com/", "events": ["*"], "key": "mine"}), "/key", "unknown_field"),
        (json!({}), "/url", "required"),
    ] {
        assert_eq!(refused(body).await, (pointer.to_owned(), code.to_owned()));
    }

    let nobodys = Uuid::from_u128(7);
    for path in [format!("/{nobodys}"), format!("/{nobodys}/deliveries"), "/seven".to_owned()] {
        assert_eq!(house.get(&ctx, &path).send().await.problem(), (404, "not_found"), "{path}");
    }
}

#[tokio::test]
async fn it_needs_the_right_and_for_secrets_a_recent_sign_in() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let (webhook, _) = house.hook(&ctx, "https://example.com/", &["*"]).await;
    let new = json!({"url": "https://example.com/", "events": ["*"]});
    let denied = house.webhooks_with(Arc::new(DenyAll), "");
    for call in
        [house.get(&ctx, ""), house.post(&ctx, "", &new), house.get(&ctx, &format!("/{}", webhook.id))]
    {
        assert_eq!(call.with(denied.clone()).send().await.problem(), (403, "permission_denied"));
    }

    house.tenant.clock().advance(Duration::minutes(11));
    for path in [String::new(), format!("/{}/rotate-secret", webhook.id)] {
        let late = house.post(&ctx, &path, &new).send().await;
        assert_eq!(late.problem(), (403, "reauthentication_required"), "{path}");
    }
    assert_eq!(house.get(&ctx, "").send().await.status, 200);
}

#[tokio::test]
async fn deliveries_are_listed_narrowed_and_replayed() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let receiver = Receiver::start().await;
    let (webhook, _) = house.hook(&ctx, &receiver.url(), &["*"]).await;
    house.happen("thing.made.v1", 1).await;
    let due = house.attempts_due().await;
    house.attempt(&due[0], 1).await.unwrap();
    let path = format!("/{}/deliveries", webhook.id);
    let delivery = house.get(&ctx, &path).send().await.body["items"][0].clone();
    assert_eq!(
        (&delivery["status"], &delivery["response_code"], &delivery["event"]),
        (&json!("succeeded"), &json!(204), &json!("thing.made.v1"))
    );
    for (narrowed, found) in [("status=failed", 0), ("status=succeeded", 1), ("event=thing.broken.v1", 0)] {
        let page = house.get(&ctx, &format!("{path}?{narrowed}")).send().await;
        assert_eq!(page.body["items"].as_array().map(Vec::len), Some(found), "{narrowed}");
    }
    let unknown = house.get(&ctx, &format!("{path}?status=lost")).send().await;
    assert_eq!(unknown.problem(), (400, "invalid_parameter"));

    let replay = format!("{path}/{}/replay", delivery["id"].as_str().unwrap());
    let replayed = house.post(&ctx, &replay, &json!({})).send().await;
    assert_eq!((replayed.status, &replayed.body["replay_of"]), (202, &delivery["id"]));
    let (other, _) = house.hook(&ctx, &receiver.url(), &["*"]).await;
    let elsewhere = replay.replace(&webhook.id.to_string(), &other.id.to_string());
    assert_eq!(house.post(&ctx, &elsewhere, &json!({})).send().await.problem(), (404, "not_found"));
}
