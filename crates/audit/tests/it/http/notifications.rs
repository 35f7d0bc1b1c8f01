use std::time::Duration;

use actix_web::http::Method;
use ouvira_audit::Live;
use ouvira_common::{
    ports::{Notice, Notifier as _},
    tenant::PlacementMode,
    testing::becomes_so,
};
use serde_json::json;

use crate::support::House;

#[tokio::test]
async fn notifications_speak_the_readers_language_and_are_marked_read() {
    let house = House::new(PlacementMode::Shared).await;
    let user = house.tenant.user().await;
    let ctx = house.tenant.context(&user);
    let me = Some(&ctx);
    for role in ["Admin", "Viewer"] {
        let notice = Notice { user: user.id, kind: "role.granted", data: json!({"role": {"name": role}}) };
        house.in_transaction(&house.tenant.job(), |tx| house.recorder.notify(tx, notice.clone())).await;
    }
    let list = house
        .call(me, Method::GET, "/audit/notifications?unread=true")
        .header("Accept-Language", "fr")
        .send()
        .await;
    let newest = &list.body["items"][0];
    assert_eq!(newest["title"], "Un rôle vous a été attribué");
    assert_eq!(newest["body"], "Vous avez désormais le rôle Viewer.");
    assert_eq!((&newest["kind"], &newest["read_at"]), (&json!("role.granted"), &json!(null)));

    let count = async || house.call(me, Method::GET, "/audit/notifications/unread-count").send().await.body;
    assert_eq!(count().await, json!({"unread": 2}));
    let some = json!({"ids": [newest["id"]]});
    let marked = house.call(me, Method::POST, "/audit/notifications/mark-read").json(&some).send().await;
    assert_eq!((marked.status, &marked.body), (200, &json!({"updated": 1})));
    assert_eq!(count().await, json!({"unread": 1}));
    let all = house
        .call(me, Method::POST, "/audit/notifications/mark-read")
        .json(&json!({"all": true}))
        .send()
        .await;
    assert_eq!(all.body, json!({"updated": 1}));

    for body in
        [json!({}), json!({"ids": []}), json!({"ids": ["x"]}), json!({"all": false}), json!({"id": 1})]
    {
        let refused = house.call(me, Method::POST, "/audit/notifications/mark-read").json(&body).send().await;
        assert_eq!(refused.status, 422, "{body}");
    }
}

#[tokio::test]
async fn preferences_are_read_and_replaced() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.tenant.context(&house.tenant.user().await);
    let me = Some(&ctx);
    let path = "/audit/notification-preferences";
    let read = house.call(me, Method::GET, path).send().await;
    assert_eq!(read.body["kinds"]["role.granted"], json!({"in_app": true, "email": false}));
    let same = house.call(me, Method::PUT, path).json(&read.body).send().await;
    assert_eq!((same.status, &same.body), (200, &read.body));
    let body = json!({"kinds": {"role.granted": {"in_app": true, "email": true}}});
    let put = house.call(me, Method::PUT, path).json(&body).send().await;
    assert_eq!(put.body["kinds"]["role.granted"]["email"], true);
    for body in [
        json!({}),
        json!({"kinds": {"x": {"in_app": true, "email": true}}}),
        json!({"kinds": {"role.granted": 1}}),
    ] {
        assert_eq!(house.call(me, Method::PUT, path).json(&body).send().await.status, 422, "{body}");
    }
}

#[tokio::test]
async fn a_stream_is_opened_with_a_token_or_a_ticket() {
    let house = House::new(PlacementMode::Shared).await;
    let user = house.tenant.user().await;
    let ctx = house.tenant.context(&user);
    let tell = async |role: &str| {
        let notice = Notice { user: user.id, kind: "role.granted", data: json!({"role": {"name": role}}) };
        house.in_transaction(&house.tenant.job(), |tx| house.recorder.notify(tx, notice.clone())).await;
    };
    tell("Viewer").await;
    let before = house.call(Some(&ctx), Method::GET, "/audit/notifications").send().await;
    let last = before.body["items"][0]["id"].as_str().expect("it has an id").to_owned();
    tell("Admin").await;

    // The streams of a node that goes away: they tell what there is, and end.
    let leaving = Live::new();
    leaving.close();
    let resumed = async |caller, path: &str| {
        let call = house.call(caller, Method::GET, path).with(leaving.clone());
        let answer = call.header("Last-Event-ID", &last).send().await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "text/event-stream"), "{answer:?}");
        assert!(!answer.text.contains("Viewer"), "{}", answer.text);
        // A notice is told once no older transaction runs, another test's among them.
        answer.text.contains("event: notification\nid: ")
            && answer.text.contains("You now hold the role Admin.")
    };
    let by_token = async || resumed(Some(&ctx), "/audit/notifications/stream").await;
    assert!(becomes_so(Duration::from_secs(20), by_token).await);
    let by_ticket = async || {
        let ticket = house.call(Some(&ctx), Method::POST, "/audit/notifications/stream-tickets").send().await;
        assert_eq!(ticket.status, 201, "{ticket:?}");
        let ticket = ticket.body["ticket"].as_str().expect("a ticket");
        let path = format!("/audit/notifications/stream?ticket={ticket}");
        let told = resumed(None, &path).await;
        assert_eq!(house.call(None, Method::GET, &path).send().await.problem(), (401, "token_invalid"));
        told
    };
    assert!(becomes_so(Duration::from_secs(20), by_ticket).await);
    let nobody = house.call(None, Method::GET, "/audit/notifications/stream").send().await;
    assert_eq!(nobody.problem(), (401, "token_missing"));
}
