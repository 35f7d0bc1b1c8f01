use ouvira_common::permission::SystemRole;
use serde_json::json;

use crate::world::{World, role_id};

#[tokio::test]
async fn questions_are_answered_with_reasons_and_what_ifs() {
    let world = World::new().await;
    let (ada, bob) = (world.user("ada").await, world.user("bob").await);
    let company = world.found(&ada, None).await;
    let plain = json!({"checks": [{"permission": "company.update", "company_id": company}, {"permission": "company.update"}]});
    let answer = world.post(&ada, "/access-control/check", &plain).await;
    let expected =
        json!({"results": [{"allowed": true, "because": null}, {"allowed": false, "because": null}]});
    assert_eq!((answer.status, &answer.body), (200, &expected), "{answer:?}");

    let explained = json!({"checks": [{"permission": "company.update", "company_id": company, "user_id": bob.id}], "explain": true});
    let answer = world.post(&ada, "/access-control/check", &explained).await;
    assert_eq!(
        answer.body,
        json!({"results": [{"allowed": false, "because": {"missing": "company.update"}}]})
    );
    let mut what_if = explained.clone();
    what_if["assume"] =
        json!({"add": [{"user_id": bob.id, "role_id": role_id(SystemRole::Admin), "company_id": company}]});
    let answer = world.post(&ada, "/access-control/check", &what_if).await;
    let because = json!([{"role": "admin", "company_id": company, "via": "membership"}]);
    assert_eq!(answer.body, json!({"results": [{"allowed": true, "because": because}]}));
    assert_eq!(
        world.post(&bob, "/access-control/check", &what_if).await.problem(),
        (403, "permission_denied")
    );
    let empty = world.post(&ada, "/access-control/check", &json!({"checks": []})).await;
    assert_eq!((empty.status, &empty.body["errors"][0]["code"]), (422, &json!("empty")));
}

#[tokio::test]
async fn a_grant_on_an_object_is_given_and_taken() {
    let world = World::new().await;
    let (ada, bob) = (world.user("ada").await, world.user("bob").await);
    let company = world.found(&ada, None).await;
    let body = json!({"user_id": bob.id, "permission": "company.read", "object_type": "company", "object_id": company});
    let given = world.post(&ada, "/access-control/object-grants", &body).await;
    assert_eq!((given.status, &given.body["role_id"]), (201, &json!(null)), "{given:?}");
    let check =
        json!({"checks": [{"permission": "company.read", "object": {"type": "company", "id": company}}]});
    assert_eq!(world.post(&bob, "/access-control/check", &check).await.body["results"][0]["allowed"], true);
    let path = format!("/access-control/object-grants/{}", given.id());
    assert_eq!(world.get(&ada, &path).await.body, given.body);
    let listed = world.get(&ada, &format!("/access-control/object-grants?user_id={}", bob.id)).await;
    assert_eq!(listed.body["items"], json!([given.body]));
    let both =
        format!("/access-control/object-grants?user_id={}&role_id={}", bob.id, role_id(SystemRole::Viewer));
    assert_eq!(world.get(&ada, &both).await.problem(), (400, "invalid_parameter"));
    assert_eq!(world.delete(&ada, &path).await.status, 204);
    assert_eq!(world.post(&bob, "/access-control/check", &check).await.body["results"][0]["allowed"], false);
    let mut two = body.clone();
    two["role_id"] = json!(role_id(SystemRole::Viewer));
    assert_eq!(world.post(&ada, "/access-control/object-grants", &two).await.status, 422);
}
