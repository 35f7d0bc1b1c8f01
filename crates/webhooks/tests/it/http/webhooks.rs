use std::sync::Arc;

use actix_web::http::Method;
use chrono::Duration;
use ouvira_common::{
    tenant::PlacementMode,
    testing::fakes::{AllowAll, DenyAll},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::service::Caller;
use crate::{receiver::Receiver, support::House};

#[tokio::test]
async fn a_webhook_is_made_read_changed_and_deleted() {
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let ctx = house.somebody().await;
        let caller = Caller::new(&house, &ctx);
        let new =
            json!({"url": "https://example.com/hook", "events": ["thing.made.v1"], "description": "Ours"});
        let made = caller.post("", &new).await;
        assert_eq!(made.status, 201, "{made:?}");
        let id = made.body["id"].as_str().unwrap();
        assert_eq!(made.header("location"), format!("/api/v1/audit/webhooks/{id}"));
        assert!(made.body["secret"].as_str().unwrap().starts_with("whsec_"));

        let path = format!("/{id}");
        let read = caller.get(&path).await;
        assert_eq!((read.status, read.header("etag")), (200, "\"1\""));
        assert_eq!(read.body["secret"], Value::Null, "it was shown once");
        assert_eq!(caller.get("").await.body["items"], json!([read.body]));

        let pause = json!({"status": "paused"});
        let stale = caller.send(Method::PATCH, &path, Some(&pause), Some("\"7\"")).await;
        assert_eq!(stale.problem(), (412, "version_mismatch"));
        let paused = caller.send(Method::PATCH, &path, Some(&pause), Some("\"1\"")).await;
        assert_eq!(
            (&paused.body["status"], &paused.body["paused_reason"], paused.header("etag")),
            (&json!("paused"), &json!("manual"), "\"2\"")
        );

        let rotated = caller.post(&format!("{path}/rotate-secret"), &json!({})).await;
        assert_eq!(rotated.status, 200, "{rotated:?}");
        assert_ne!(rotated.body["secret"], made.body["secret"]);
        assert_eq!(caller.send(Method::DELETE, &path, None, None).await.status, 204);
        assert_eq!(caller.get(&path).await.problem(), (404, "not_found"));
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_a_problem_that_names_its_fields() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let caller =
        Caller { webhooks: house.webhooks_with(Arc::new(AllowAll), ""), ..Caller::new(&house, &ctx) };
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
        let refused = caller.post("", &json!({"url": url, "events": ["*"]})).await;
        assert_eq!(refused.problem(), (422, "validation_failed"), "{url}");
        assert_eq!(refused.fields(), [("/url", code)], "{url}");
    }
    let unknown = caller.post("", &json!({"url": "https://example.com/", "events": ["thing.lost.v1"]})).await;
    assert_eq!(unknown.problem(), (422, "validation_failed"));
    assert!(unknown.fields()[0].0.starts_with("/events"), "{unknown:?}");
    let more =
        caller.post("", &json!({"url": "https://example.com/", "events": ["*"], "secret": "mine"})).await;
    assert_eq!(more.fields(), [("/secret", "unknown_field")]);
    assert_eq!(caller.post("", &json!({})).await.fields(), [("/url", "required")]);

    let nobodys = Uuid::from_u128(7);
    for path in [format!("/{nobodys}"), format!("/{nobodys}/deliveries"), "/seven".to_owned()] {
        assert_eq!(caller.get(&path).await.problem(), (404, "not_found"), "{path}");
    }
}

#[tokio::test]
async fn it_needs_the_right_and_for_secrets_a_recent_sign_in() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let (webhook, _) = house.hook(&ctx, "https://example.com/", &["*"]).await;
    let denied = Caller { webhooks: house.webhooks_with(Arc::new(DenyAll), ""), ..Caller::new(&house, &ctx) };
    let new = json!({"url": "https://example.com/", "events": ["*"]});
    assert_eq!(denied.get("").await.problem(), (403, "permission_denied"));
    assert_eq!(denied.post("", &new).await.problem(), (403, "permission_denied"));
    assert_eq!(denied.get(&format!("/{}", webhook.id)).await.problem(), (403, "permission_denied"));

    let late = Caller { since: house.tenant.now() - Duration::minutes(11), ..Caller::new(&house, &ctx) };
    for path in ["".to_owned(), format!("/{}/rotate-secret", webhook.id)] {
        assert_eq!(late.post(&path, &new).await.problem(), (403, "reauthentication_required"), "{path}");
    }
    assert_eq!(late.get("").await.status, 200);
}

#[tokio::test]
async fn deliveries_are_listed_narrowed_and_replayed() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let caller = Caller::new(&house, &ctx);
    let receiver = Receiver::start().await;
    let (webhook, _) = house.hook(&ctx, &receiver.url(), &["*"]).await;
    house.happen("thing.made.v1", 1).await;
    let due = house.attempts_due().await;
    house.attempt(&due[0], 1).await.unwrap();
    let path = format!("/{}/deliveries", webhook.id);
    let delivery = caller.get(&path).await.body["items"][0].clone();
    assert_eq!(
        (&delivery["status"], &delivery["response_code"], &delivery["event"]),
        (&json!("succeeded"), &json!(204), &json!("thing.made.v1"))
    );
    for (narrowed, found) in [("status=failed", 0), ("status=succeeded", 1), ("event=thing.broken.v1", 0)] {
        let page = caller.get(&format!("{path}?{narrowed}")).await;
        assert_eq!(page.body["items"].as_array().map(Vec::len), Some(found), "{narrowed}");
    }
    assert_eq!(caller.get(&format!("{path}?status=lost")).await.problem(), (400, "invalid_parameter"));

    let replay = format!("{path}/{}/replay", delivery["id"].as_str().unwrap());
    let replayed = caller.post(&replay, &json!({})).await;
    assert_eq!((replayed.status, &replayed.body["replay_of"]), (202, &delivery["id"]));
    let (other, _) = house.hook(&ctx, &receiver.url(), &["*"]).await;
    let elsewhere = replay.replace(&webhook.id.to_string(), &other.id.to_string());
    assert_eq!(caller.post(&elsewhere, &json!({})).await.problem(), (404, "not_found"));
}
