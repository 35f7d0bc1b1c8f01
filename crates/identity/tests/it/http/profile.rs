use actix_web::http::Method;
use serde_json::json;

use crate::support::World;

#[actix_web::test]
async fn a_profile_is_read_edited_and_sent_back() {
    let world = World::new().await;
    let (ada, ctx) = world.person("ada@example.com").await;
    let read = world.call(&ctx, Method::GET, "/account/profile").send().await;
    assert_eq!((read.status, read.header("etag")), (200, "\"1\""));
    let expected = json!({
        "id": ada.id, "email": "ada@example.com", "email_verified": true, "phone": null, "phone_verified": false,
        "first_name": "Ada", "last_name": "Lovelace", "locale": "en", "timezone": "UTC", "is_active": true,
        "two_factor_enabled": false, "last_login_at": null, "created_at": ada.created_at,
        "updated_at": ada.updated_at, "version": 1,
    });
    assert_eq!(read.body, expected);

    let mut edited = read.body.clone();
    edited["last_name"] = json!("Byron");
    let call = world.call(&ctx, Method::PUT, "/account/profile").header("If-Match", "\"1\"").json(&edited);
    let replaced = call.send().await;
    assert_eq!((replaced.status, replaced.header("etag")), (200, "\"2\""));
    assert_eq!((&replaced.body["first_name"], &replaced.body["last_name"]), (&json!("Ada"), &json!("Byron")));
}

#[actix_web::test]
async fn put_gives_defaults_and_patch_keeps() {
    let world = World::new().await;
    let (_, ctx) = world.person("ada@example.com").await;
    let patch = json!({"locale": "fr", "timezone": "Europe/Paris"});
    let patched = world.call(&ctx, Method::PATCH, "/account/profile").json(&patch).send().await;
    assert_eq!(patched.status, 200, "{patched:?}");
    assert_eq!((&patched.body["first_name"], &patched.body["locale"]), (&json!("Ada"), &json!("fr")));
    let put =
        world.call(&ctx, Method::PUT, "/account/profile").json(&json!({"first_name": "A"})).send().await;
    let fields = ["first_name", "last_name", "locale", "timezone"].map(|name| put.body[name].clone());
    assert_eq!(fields, [json!("A"), json!(""), json!("en"), json!("UTC")]);
}

#[actix_web::test]
async fn what_is_wrong_is_told() {
    let world = World::new().await;
    let (_, ctx) = world.person("ada@example.com").await;
    let send = |body| world.call(&ctx, Method::PATCH, "/account/profile").json(&body);
    let unknown = send(json!({"nickname": "Countess"})).send().await;
    assert_eq!(unknown.problem(), (422, "unknown_field"));
    let locale = send(json!({"locale": "tlh"})).send().await;
    assert_eq!((locale.problem(), locale.first_error().0), ((422, "validation_failed"), "/locale"));
    let zone = send(json!({"timezone": "Mars/Olympus"})).send().await;
    assert_eq!(zone.first_error(), ("/timezone", "invalid_choice"));
    let stale = send(json!({"first_name": "A"})).header("If-Match", "\"7\"").send().await;
    assert_eq!(stale.problem(), (412, "version_mismatch"));
    let query = world.call(&ctx, Method::GET, "/account/profile?x=1").send().await;
    assert_eq!(query.problem(), (400, "invalid_parameter"));
}

#[actix_web::test]
async fn without_a_session_there_is_no_profile() {
    let world = World::new().await;
    let nobody = world.anonymous(Method::GET, "/account/profile").send().await;
    assert_eq!(nobody.problem(), (401, "token_missing"));
    let (ada, ctx) = world.person("ada@example.com").await;
    let admin = world.admin().await;
    world.users.delete(&admin, ada.id, None).await.unwrap();
    let gone = world.call(&ctx, Method::GET, "/account/profile").send().await;
    assert_eq!(gone.problem(), (401, "token_invalid"));
}
