use actix_web::http::Method;
use chrono::Duration;
use ouvira_common::permission::SystemRole;
use serde_json::json;

use crate::world::{World, role_id};

#[tokio::test]
async fn a_member_joins_holds_a_role_is_suspended_and_goes() {
    let world = World::new().await;
    let (ada, bob) = (world.user("ada").await, world.user("bob").await);
    let company = world.found(&ada, None).await;
    let body = json!({"user_id": bob.id, "company_id": company, "title": "Clerk"});
    let made = world.post(&ada, "/access-control/user-companies", &body).await;
    assert_eq!((made.status, &made.body["status"]), (201, &json!("active")), "{made:?}");
    assert_eq!(made.header("etag"), "\"1\"");
    assert_eq!(
        world.post(&ada, "/access-control/user-companies", &body).await.problem(),
        (409, "already_member")
    );

    let expires_at = world.tenant.now() + Duration::days(1);
    let role = json!({"user_company_id": made.id(), "role_id": role_id(SystemRole::Viewer), "expires_at": expires_at});
    let given = world.post(&ada, "/access-control/user-company-roles", &role).await;
    assert_eq!((given.status, &given.body["granted_by"]), (201, &json!(ada.id)), "{given:?}");
    assert!(given.body["expires_at"].as_str().is_some_and(|at| at.ends_with('Z')));
    let roles =
        world.get(&bob, &format!("/access-control/user-company-roles?user_company_id={}", made.id())).await;
    assert_eq!(roles.body["items"], json!([given.body]));
    let view = world.get(&bob, &format!("/user-roles?user_id={}", bob.id)).await;
    assert_eq!(view.body["items"][0]["role"]["code"], "viewer");

    let path = format!("/access-control/user-companies/{}", made.id());
    let put = json!({"status": "suspended", "title": "Clerk"});
    let put = world.call(Some(&ada), Method::PUT, &path).json(&put).send().await;
    assert_eq!((put.status, &put.body["status"], put.header("etag")), (200, &json!("suspended"), "\"2\""));
    let odd = world.call(Some(&ada), Method::PUT, &path).json(&json!({"status": "gone"})).send().await;
    assert_eq!((odd.status, &odd.body["errors"][0]["pointer"]), (422, &json!("/status")));
    assert_eq!(
        world.delete(&ada, &format!("/access-control/user-company-roles/{}", given.id())).await.status,
        204
    );
    assert_eq!(world.delete(&ada, &path).await.status, 204);
    assert_eq!(world.get(&ada, &path).await.problem(), (404, "not_found"));
}

#[tokio::test]
async fn the_last_owner_stays() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    let company = world.found(&ada, None).await;
    let members = world.get(&ada, &format!("/access-control/user-companies?company_id={company}")).await;
    let path = format!("/access-control/user-companies/{}", members.body["items"][0]["id"].as_str().unwrap());
    assert_eq!(world.delete(&ada, &path).await.problem(), (409, "last_owner"));
    let suspended =
        world.call(Some(&ada), Method::PUT, &path).json(&json!({"status": "suspended"})).send().await;
    assert_eq!(suspended.problem(), (409, "last_owner"));
}

#[tokio::test]
async fn roles_are_assigned_by_name_in_either_case() {
    let world = World::new().await;
    let (root, bob) = (world.holder("root", SystemRole::Owner).await, world.user("bob").await);
    for (word, code) in [("ADMIN", "admin"), ("Analyst", "analyst")] {
        let given = world.post(&root, "/roles/assign", &json!({"user_id": bob.id, "role": word})).await;
        assert_eq!((given.status, &given.body["role"]["code"]), (201, &json!(code)), "{given:?}");
        assert_eq!(given.header("location"), format!("/api/v1/user-roles/{}", given.id()));
        assert_eq!(world.get(&root, &format!("/user-roles/{}", given.id())).await.body, given.body);
    }
    let unknown = world.post(&root, "/roles/assign", &json!({"user_id": bob.id, "role": "emperor"})).await;
    assert_eq!(unknown.problem(), (422, "unknown_reference"));
    let promoted = world.post(&bob, "/roles/assign", &json!({"user_id": bob.id, "role": "OWNER"})).await;
    assert_eq!(
        promoted.problem(),
        (403, "cannot_grant"),
        "an administrator makes nobody an owner, not even themselves"
    );
}
