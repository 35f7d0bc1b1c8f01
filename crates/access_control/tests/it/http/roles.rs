use actix_web::http::Method;
use ouvira_common::permission::{SystemRole, system_id};
use serde_json::{Value, json};

use crate::world::World;

#[tokio::test]
async fn a_role_lives_its_life() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let body = json!({"name": "Chief Accountant", "permissions": ["company.read"], "inherits": true});
    let made = world.post(&root, "/access-control/roles", &body).await;
    assert_eq!(made.status, 201, "{made:?}");
    let path = format!("/access-control/roles/{}", made.id());
    assert_eq!((made.header("location"), made.header("etag")), (format!("/api/v1{path}").as_str(), "\"1\""));
    let members = ["company_id", "code", "name", "description", "is_system", "inherits", "permissions"];
    let told: Vec<&Value> = members.iter().map(|member| &made.body[member]).collect();
    let expected = [
        &json!(null),
        &json!("chief-accountant"),
        &json!("Chief Accountant"),
        &json!(null),
        &json!(false),
        &json!(true),
        &json!(["company.read"]),
    ];
    assert_eq!(told, expected);

    let read = world.get(&root, &path).await;
    assert_eq!((read.status, &read.body), (200, &made.body));
    let mut edited = read.body.clone();
    edited["name"] = json!("Accountant");
    let put =
        world.call(Some(&root), Method::PUT, &path).header("If-Match", "\"1\"").json(&edited).send().await;
    assert_eq!(
        (put.status, &put.body["name"]),
        (200, &json!("Accountant")),
        "what was read can be sent back: {put:?}"
    );
    let stale =
        world.call(Some(&root), Method::PUT, &path).header("If-Match", "\"1\"").json(&edited).send().await;
    assert_eq!(stale.problem(), (412, "version_mismatch"));
    let changes = json!({"permissions": null, "description": "Counts"});
    let answer = world.call(Some(&root), Method::PATCH, &path).json(&changes).send().await;
    assert_eq!((&answer.body["permissions"], &answer.body["description"]), (&json!([]), &json!("Counts")));
    assert_eq!(answer.header("etag"), "\"3\"");

    let user = world.user("user").await;
    let given = world.post(&root, "/user-roles", &json!({"user_id": user.id, "role_id": made.id()})).await;
    assert_eq!((given.status, &given.body["role"]["code"]), (201, &json!("chief-accountant")));
    assert_eq!(world.delete(&root, &path).await.problem(), (409, "role_in_use"));
    assert_eq!(world.delete(&root, &format!("/user-roles/{}", given.id())).await.status, 204);
    assert_eq!(world.delete(&root, &path).await.status, 204);
    assert_eq!(world.get(&root, &path).await.problem(), (404, "not_found"));
}

#[tokio::test]
async fn bad_bodies_are_told_where_they_are_bad() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let cases = [
        (json!({}), "validation_failed", "/name"),
        (json!({"name": ""}), "validation_failed", "/name"),
        (json!({"name": "x", "permissions": ["company.fly"]}), "unknown_reference", "/permissions/0"),
        (json!({"name": "x", "company_id": "not-an-id"}), "validation_failed", "/company_id"),
        (json!({"name": "x", "owner": true}), "unknown_field", "/owner"),
        (json!({"name": "x", "inherits": "yes"}), "validation_failed", "/inherits"),
    ];
    for (body, code, pointer) in cases {
        let answer = world.post(&root, "/access-control/roles", &body).await;
        assert_eq!(answer.problem(), (422, code), "{body}");
        assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{body}");
    }
    let owner = format!("/access-control/roles/{}", system_id("role", "owner"));
    let patched = world.call(Some(&root), Method::PATCH, &owner).json(&json!({"name": "King"})).send().await;
    assert_eq!(patched.problem(), (403, "system_role"));
    assert_eq!(world.get(&root, "/access-control/roles/owner").await.problem(), (404, "not_found"));
    assert_eq!(
        world.get(&root, "/access-control/roles?sort=name").await.problem(),
        (400, "invalid_parameter")
    );
    assert_eq!(
        world.call(None, Method::GET, "/access-control/roles").send().await.problem(),
        (401, "token_missing")
    );
}

#[tokio::test]
async fn lists_of_what_the_system_has_and_the_tenant_added_are_one() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    for number in 0..3 {
        let body = json!({"code": format!("invoice.do_{number}"), "name": "Something"});
        assert_eq!(world.post(&root, "/access-control/permissions", &body).await.status, 201);
        assert_eq!(
            world
                .post(&root, "/access-control/roles", &json!({"name": format!("Role {number}")}))
                .await
                .status,
            201
        );
    }
    for (path, total) in [("permissions", 15), ("roles", 8)] {
        let mut found = Vec::new();
        let mut query = "?limit=4&count=true".to_owned();
        loop {
            let page = world.get(&root, &format!("/access-control/{path}{query}")).await;
            assert_eq!((page.status, &page.body["total"]), (200, &json!(total)), "{page:?}");
            found.extend(page.body["items"].as_array().unwrap().iter().map(|item| item["id"].to_string()));
            let Some(next) = page.body["next_cursor"].as_str() else { break };
            query = format!("?limit=4&count=true&cursor={next}");
        }
        let all = found.len();
        found.sort();
        found.dedup();
        assert_eq!((all, found.len()), (total, total), "{path}");
    }
}

#[tokio::test]
async fn what_roles_hold_is_a_resource_of_its_own() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let role = world.post(&root, "/access-control/roles", &json!({"name": "Clerk"})).await;
    let permission = system_id("permission", "company.read");
    let body = json!({"role_id": role.id(), "permission_id": permission});
    let added = world.post(&root, "/access-control/role-permissions", &body).await;
    assert_eq!((added.status, &added.body["permission_id"]), (201, &json!(permission)));
    let path = format!("/access-control/role-permissions/{}", added.id());
    assert_eq!(added.header("location"), format!("/api/v1{path}"));
    assert_eq!(
        world.post(&root, "/access-control/role-permissions", &body).await.problem(),
        (409, "already_granted")
    );
    assert_eq!(world.get(&root, &path).await.body, added.body);
    let listed = world.get(&root, &format!("/access-control/role-permissions?role_id={}", role.id())).await;
    assert_eq!(listed.body["items"], json!([added.body]));
    assert_eq!(world.delete(&root, &path).await.status, 204);
    assert_eq!(world.get(&root, &path).await.problem(), (404, "not_found"));
}
