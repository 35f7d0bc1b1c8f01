use actix_web::http::Method;
use ouvira_identity::permission;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::World;

#[actix_web::test]
async fn a_user_is_created_read_changed_and_deleted() {
    let world = World::new().await;
    let admin = world.admin().await;
    let body = json!({"email": "grace@example.com", "first_name": "Grace", "locale": "de", "role_ids": []});
    let created = world.call(&admin, Method::POST, "/account/users").json(&body).send().await;
    assert_eq!((created.status, created.header("etag")), (201, "\"1\""), "{created:?}");
    let id = created.body["id"].as_str().unwrap();
    assert_eq!(created.header("location"), format!("/api/v1/account/users/{id}"));

    let path = format!("/account/users/{id}");
    let read = world.call(&admin, Method::GET, &path).send().await;
    assert_eq!((read.status, &read.body), (200, &created.body));

    let mut edited = read.body.clone();
    edited["is_active"] = json!(false);
    let call = world.call(&admin, Method::PATCH, &path).header("If-Match", "\"1\"");
    let changed = call.json(&edited).send().await;
    assert_eq!((changed.status, &changed.body["is_active"]), (200, &json!(false)), "{changed:?}");

    let stale = world.call(&admin, Method::DELETE, &path).header("If-Match", "\"1\"").send().await;
    assert_eq!(stale.problem(), (412, "version_mismatch"));
    let deleted = world.call(&admin, Method::DELETE, &path).send().await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    let gone = world.call(&admin, Method::GET, &path).send().await;
    assert_eq!(gone.problem(), (404, "not_found"));
}

#[actix_web::test]
async fn pages_carry_a_cursor() {
    let world = World::new().await;
    let admin = world.admin().await;
    for name in ["ada", "grace", "hedy"] {
        world.create(&admin, &format!("{name}@example.com")).await.unwrap();
    }
    let emails = |body: &Value| -> Vec<String> {
        let items = body["items"].as_array().unwrap();
        items.iter().map(|user| user["email"].as_str().unwrap().to_owned()).collect()
    };
    let list = |query: String| world.call(&admin, Method::GET, &format!("/account/users?{query}"));
    let first = list("sort=email&limit=2&count=true".to_owned()).send().await;
    assert_eq!((first.status, &first.body["total"]), (200, &json!(3)), "{first:?}");
    assert_eq!(emails(&first.body), ["ada@example.com", "grace@example.com"]);
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let second = list(format!("sort=email&limit=2&cursor={cursor}")).send().await;
    assert_eq!(
        (emails(&second.body), &second.body["next_cursor"]),
        (vec!["hedy@example.com".to_owned()], &Value::Null)
    );
    let other = list(format!("sort=created_at&cursor={cursor}")).send().await;
    assert_eq!(other.problem(), (400, "invalid_parameter"));
    let found = list("search=HED&is_active=true".to_owned()).send().await;
    assert_eq!(emails(&found.body), ["hedy@example.com"]);
    for query in ["sort=phone", "limit=0", "limit=101", "is_active=maybe", "role=x", "search=a&search=b"] {
        assert_eq!(list(query.to_owned()).send().await.problem(), (400, "invalid_parameter"), "{query}");
    }
}

#[actix_web::test]
async fn who_may_not_is_told_so_or_sees_nobody() {
    let world = World::new().await;
    let (ada, ctx) = world.person("ada@example.com").await;
    let path = format!("/account/users/{}", ada.id);
    let body = json!({"email": "x@example.com"});
    for (permissions, method, path, expected) in [
        (vec![], Method::GET, "/account/users", (403, "permission_denied")),
        (vec![], Method::POST, "/account/users", (403, "permission_denied")),
        (vec![], Method::GET, &*path, (404, "not_found")),
        (vec![], Method::PATCH, &*path, (404, "not_found")),
        (vec![], Method::DELETE, &*path, (404, "not_found")),
        (vec![permission::READ], Method::PATCH, &*path, (403, "permission_denied")),
        (vec![permission::READ], Method::DELETE, &*path, (403, "permission_denied")),
    ] {
        let call = world.call(&ctx, method.clone(), path).with(world.users_who_may(&permissions));
        let call = if matches!(method, Method::POST | Method::PATCH) { call.json(&body) } else { call };
        assert_eq!(call.send().await.problem(), expected, "{method} {path}");
    }
}

#[actix_web::test]
async fn bad_bodies_and_paths_are_told() {
    let world = World::new().await;
    let (_, ctx) = world.person("ada@example.com").await;
    let post = |body: Value| world.call(&ctx, Method::POST, "/account/users").json(&body);
    let taken = post(json!({"email": "ADA@example.com"})).send().await;
    assert_eq!(taken.problem(), (409, "email_taken"));
    let missing = post(json!({})).send().await;
    assert_eq!(
        (missing.problem(), missing.first_error()),
        ((422, "validation_failed"), ("/email", "required"))
    );
    let wrong = post(json!({"email": 7})).send().await;
    assert_eq!(wrong.first_error(), ("/email", "invalid_type"));
    let role = post(json!({"email": "g@example.com", "role_ids": ["nonsense"]})).send().await;
    assert_eq!((role.status, role.first_error().0), (422, "/role_ids/0"));
    let roles: Vec<_> = (0..21).map(|_| Uuid::nil()).collect();
    let many = post(json!({"email": "g@example.com", "role_ids": roles})).send().await;
    assert_eq!(many.first_error(), ("/role_ids", "too_many"));
    let path = world.call(&ctx, Method::GET, "/account/users/7").send().await;
    assert_eq!(path.problem(), (404, "not_found"));
}
