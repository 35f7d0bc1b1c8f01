use actix_web::http::Method;
use ouvira_common::{
    ports::{Notice, Notifier as _},
    tenant::PlacementMode,
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
