use actix_web::http::Method;
use ouvira_common::tenant::PlacementMode;
use serde_json::json;

use crate::support::House;

#[tokio::test]
async fn settings_are_read_replaced_and_patched() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let me = Some(&ctx);
    let path = format!("/company/{}/settings", house.found(&ctx, "Acme", None).await.id);
    let read = house.call(me, Method::GET, &path).send().await;
    assert_eq!((read.status, read.header("etag")), (200, "\"1\""));

    let change =
        json!({"currency": "JPY", "features": {"beta": true, "old": false}, "timezone": "Asia/Tokyo"});
    let patched = house.call(me, Method::PATCH, &path).header("If-Match", "\"1\"").json(&change).send().await;
    assert_eq!((patched.status, patched.header("etag")), (200, "\"2\""), "{patched:?}");
    let patched = house.call(me, Method::PATCH, &path).json(&json!({"features": {"old": null}})).send().await;
    assert_eq!(patched.body["features"], json!({"beta": true}));
    assert_eq!(patched.body["currency"], "JPY");

    let back = house.call(me, Method::PUT, &path).json(&patched.body).send().await;
    assert_eq!(back.body, patched.body, "what was read can be sent back");
    let put = house.call(me, Method::PUT, &path).json(&json!({"locale": "fr"})).send().await;
    assert_eq!(
        (&put.body["locale"], &put.body["currency"], &put.body["features"], &put.body["version"]),
        (&json!("fr"), &json!("EUR"), &json!({}), &json!(4))
    );

    let bad = json!({"currency": "XYZW", "logo_url": "http://example.com"});
    let refused = house.call(me, Method::PATCH, &path).json(&bad).send().await;
    assert_eq!((refused.status, refused.body["errors"].as_array().map(Vec::len)), (422, Some(2)));
}
