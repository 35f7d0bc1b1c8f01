use actix_web::http::Method;
use ouvira_common::permission::SystemRole;
use serde_json::json;

use crate::{
    invitations::token_sent,
    world::{World, role_id},
};

#[tokio::test]
async fn an_invitation_is_sent_changed_sent_again_and_accepted_with_a_new_account() {
    let world = World::new().await;
    let ada = world.user("ada").await;
    let company = world.found(&ada, None).await;
    let body = json!({"company_id": company, "email": "grace@example.com", "role_ids": [role_id(SystemRole::Member)]});
    let made = world.post(&ada, "/access-control/invitations", &body).await;
    assert_eq!((made.status, &made.body["status"]), (201, &json!("pending")), "{made:?}");
    assert_eq!((&made.body["email"], &made.body["phone"]), (&json!("grace@example.com"), &json!(null)));
    let text = made.body.to_string();
    assert!(!text.contains(&token_sent(&world).await), "the token is in the mail alone");

    let path = format!("/access-control/invitations/{}", made.id());
    let put = world.call(Some(&ada), Method::PUT, &path).json(&json!({"message": "Come"})).send().await;
    assert_eq!((put.status, &put.body["role_ids"], &put.body["message"]), (200, &json!([]), &json!("Come")));
    let resent = world.call(Some(&ada), Method::POST, &format!("{path}/resend")).send().await;
    assert_eq!((resent.status, resent.header("etag")), (200, "\"3\""), "{resent:?}");

    let accept = json!({"token": token_sent(&world).await, "password": "correct horse battery", "first_name": "Grace"});
    let signed_in =
        world.call(None, Method::POST, "/access-control/invitations/accept").json(&accept).send().await;
    assert_eq!(
        (signed_in.status, &signed_in.body["status"]),
        (200, &json!("authenticated")),
        "{signed_in:?}"
    );
    assert_eq!(signed_in.body["user"]["email"], "grace@example.com");
    assert!(signed_in.body["access_token"].is_string());
    let again =
        world.call(None, Method::POST, "/access-control/invitations/accept").json(&accept).send().await;
    assert_eq!(again.problem(), (422, "invitation_invalid"));
    let listed = world.get(&ada, "/access-control/invitations?status=accepted").await;
    assert_eq!(listed.body["items"][0]["id"], made.body["id"]);
    let revoked = world.call(Some(&ada), Method::POST, &format!("{path}/revoke")).send().await;
    assert_eq!(revoked.problem(), (409, "not_pending"));
    assert_eq!(world.delete(&ada, &path).await.status, 204);
}

#[tokio::test]
async fn an_invitation_is_accepted_signed_in() {
    let world = World::new().await;
    let (ada, bob, eve) = (world.user("ada").await, world.user("bob").await, world.user("eve").await);
    let company = world.found(&ada, None).await;
    let body = json!({"company_id": company, "email": "bob@example.com"});
    world.post(&ada, "/access-control/invitations", &body).await;
    let token = json!({"token": token_sent(&world).await});
    let path = "/access-control/invitations/accept";
    assert_eq!(world.post(&eve, path, &token).await.problem(), (403, "invitation_not_yours"));
    let open = world.call(None, Method::POST, path).json(&token).send().await;
    assert_eq!((open.status, &open.body["errors"][0]["pointer"]), (422, &json!("/password")));
    let accepted = world.post(&bob, path, &token).await;
    assert_eq!(
        (accepted.status, &accepted.body["membership"]["user_id"]),
        (200, &json!(bob.id)),
        "{accepted:?}"
    );
    assert_eq!(world.post(&bob, path, &token).await.problem(), (422, "invitation_invalid"));
}

#[tokio::test]
async fn the_short_routes_invite_to_the_tenant_and_accept() {
    let world = World::new().await;
    let root = world.holder("root", SystemRole::Owner).await;
    let own = format!("/tenants/{}/invite", world.tenant.tenant().id);
    for (path, role, code) in
        [("/users/invite", "VIEWER", SystemRole::Viewer), (&own, "admin", SystemRole::Admin)]
    {
        let made =
            world.post(&root, path, &json!({"email": format!("{role}@example.com"), "role": role})).await;
        assert_eq!((made.status, &made.body["role_ids"]), (201, &json!([role_id(code)])), "{made:?}");
        assert_eq!(made.header("location"), format!("/api/v1/access-control/invitations/{}", made.id()));
    }
    let foreign = format!("/tenants/{}/invite", ouvira_common::id::TenantId::new_at(world.tenant.now()));
    assert_eq!(
        world.post(&root, &foreign, &json!({"email": "x@example.com"})).await.problem(),
        (404, "not_found")
    );
    let accept = json!({"token": token_sent(&world).await, "password": "correct horse battery"});
    let accepted = world.call(None, Method::POST, "/users/accept-invite").json(&accept).send().await;
    assert_eq!((accepted.status, &accepted.body["status"]), (200, &json!("authenticated")), "{accepted:?}");
    let stranger = world.user("stranger").await;
    let refused = world.post(&stranger, "/users/invite", &json!({"email": "x@example.com"})).await;
    assert_eq!(refused.problem(), (403, "permission_denied"));
}
