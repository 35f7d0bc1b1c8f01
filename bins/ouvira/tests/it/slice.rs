//! The vertical slice: from sign-up to the audit log, in every placement.

use serde_json::json;

use crate::service::{PASSWORD, Service};

const PLACEMENTS: [&str; 3] = ["shared", "schema", "database"];

#[tokio::test]
async fn from_sign_up_to_the_audit_log_in_every_placement() {
    let service = Service::shared().await;
    for placement in PLACEMENTS {
        let tenant = service.tenant(placement);

        // Ada signs up by e-mail, Grace by phone; both log in by what they signed up with.
        let email = format!("ada-{placement}@example.com");
        tenant.sign_up(&email).await;
        let ada = tenant.log_in(&email).await;
        let profile = ada.get("/account/profile").await.expect(200);
        assert_eq!((&profile["email"], &profile["email_verified"]), (&json!(email), &json!(true)));
        let phone = format!("+3361234560{}", placement.len());
        tenant.sign_up(&phone).await;
        let grace = tenant.log_in(&phone).await;
        assert_eq!(grace.get("/account/profile").await.expect(200)["phone"], phone.as_str());

        // Ada founds a company and owns it; Grace does not see it.
        let company = ada.post("/company", json!({"name": "Analytical Engines"})).await.expect(201);
        let path = format!("/company/{}", company["id"].as_str().unwrap());
        assert_eq!(grace.get(&path).await.problem(404), "not_found");
        let me = ada.get("/me").await.expect(200);
        assert_eq!(me["companies"][0]["roles"], json!(["owner"]), "{me}");

        // She invites Bob, who accepts with a new account and may look but not touch.
        let roles = ada.get("/access-control/roles").await.expect(200);
        let viewer =
            roles["items"].as_array().unwrap().iter().find(|role| role["code"] == "viewer").unwrap().clone();
        let address = format!("bob-{placement}@example.com");
        let invitation = json!({"company_id": company["id"], "email": address, "role_ids": [viewer["id"]]});
        ada.post("/access-control/invitations", invitation).await.expect(201);
        let token = service.message(&address, 0).await["data"]["token"].clone();
        let accept = json!({"token": token, "password": PASSWORD, "first_name": "Bob"});
        let accepted =
            tenant.anonymous().post("/access-control/invitations/accept", accept.clone()).await.expect(200);
        let bob = tenant.client(&accepted);
        assert_eq!(
            tenant.anonymous().post("/access-control/invitations/accept", accept).await.problem(422),
            "invitation_invalid"
        );
        assert_eq!(bob.get(&path).await.expect(200)["name"], "Analytical Engines");
        assert_eq!(bob.patch(&path, json!({"name": "Bob and Sons"})).await.problem(403), "permission_denied");
        assert_eq!(ada.patch(&path, json!({"name": "Engines"})).await.expect(200)["name"], "Engines");

        // All of it is on record.
        let log = ada
            .get(&format!("/audit/activity-logs?company_id={}", company["id"].as_str().unwrap()))
            .await
            .expect(200);
        let actions: Vec<_> =
            log["items"].as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap()).collect();
        for action in ["company.created", "invitation.created", "invitation.accepted", "company.updated"] {
            assert!(actions.contains(&action), "{placement}: {actions:?}");
        }
        let security = ada.get("/audit/security-logs").await.expect(200);
        assert!(
            security["items"].as_array().unwrap().iter().any(|row| row["event"] == "login.succeeded"),
            "{security}"
        );
        assert_eq!(bob.get("/audit/activity-logs").await.problem(403), "permission_denied");

        // Logged out, the token is worth nothing.
        assert_eq!(ada.post("/auth/logout", json!({})).await.status, 204);
        assert_eq!(ada.get("/account/profile").await.problem(401), "token_invalid");
    }
}

#[tokio::test]
async fn a_refresh_gives_a_new_pair_and_an_old_one_ends_the_session() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let ada = tenant.sign_up("ada-refresh@example.com").await;
    let nobody = tenant.anonymous();
    let mut tokens = vec![ada.refresh_token.clone().unwrap()];
    for _ in 0..2 {
        let pair =
            nobody.post("/auth/token/refresh", json!({"refresh_token": tokens.last()})).await.expect(200);
        tokens.push(pair["refresh_token"].as_str().unwrap().to_owned());
    }
    // The one before the last is given its successor again: an answer may have been lost.
    let again = nobody.post("/auth/token/refresh", json!({"refresh_token": tokens[1]})).await.expect(200);
    assert_eq!(again["refresh_token"], tokens[2].as_str());
    assert_eq!(
        nobody.post("/auth/token/refresh", json!({"refresh_token": tokens[0]})).await.problem(401),
        "refresh_token_reused"
    );
    assert_eq!(ada.get("/account/profile").await.problem(401), "token_invalid");
}
