//! A company that is entered only with a second factor: whoever signed in without one may do nothing there, whatever they hold.

use serde_json::{Value, json};

use crate::{
    authenticator::Authenticator,
    service::{Client, Service},
};

async fn listed(client: &Client, path: &str) -> Vec<Value> {
    client.get(path).await.expect(200)["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_company_that_asks_for_a_second_factor_is_entered_with_one_in_every_placement() {
    let service = Service::shared().await;
    for placement in ["shared", "schema", "database"] {
        let tenant = service.tenant(placement);
        let owner = tenant.owner().await;
        let ada = tenant.sign_up(&format!("ada-{placement}-guard@example.com")).await;
        let company = ada.post("/company", json!({"name": "Vault"})).await.expect(201);
        ada.post("/company", json!({"name": "Garden"})).await.expect(201);
        let at = format!("/company/{}", company["id"].as_str().unwrap());
        let settings = format!("{at}/settings");
        ada.patch(&settings, json!({"require_two_factor": true})).await.expect(200);

        // The founder, and the tenant's owner, without a second factor.
        let of_company = format!("?company_id={}", company["id"].as_str().unwrap());
        for client in [&ada, &owner] {
            for path in [at.clone(), settings.clone(), format!("{at}/tree")] {
                assert_eq!(client.get(&path).await.problem(403), "two_factor_required", "{path}");
            }
            let rename = json!({"name": "Cellar"});
            assert_eq!(client.patch(&at, rename).await.problem(403), "two_factor_required");
            assert_eq!(client.delete(&at).await.problem(403), "two_factor_required");
            let invite = json!({"company_id": company["id"], "email": "x@example.com", "role_ids": []});
            let invited = client.post("/access-control/invitations", invite).await;
            assert_eq!(invited.problem(403), "two_factor_required");
            let child = json!({"name": "Child", "parent_id": company["id"]});
            assert_eq!(client.post("/company", child).await.problem(403), "two_factor_required");
            let names: Vec<Value> =
                listed(client, "/company").await.iter().map(|found| found["name"].clone()).collect();
            assert_eq!(names, [json!("Garden")], "{placement}");
            let check = json!({"checks": [{"permission": "company.read", "company_id": company["id"]}]});
            let answer = client.post("/access-control/check", check).await.expect(200);
            assert_eq!(answer["results"][0]["allowed"], false);
        }
        let members = format!("/access-control/user-companies{of_company}");
        assert_eq!(listed(&owner, &members).await.len(), 0);
        assert_eq!(listed(&owner, &format!("/audit/activity-logs{of_company}")).await.len(), 0);
        let me = ada.get("/me").await.expect(200);
        let vault =
            me["companies"].as_array().unwrap().iter().find(|c| c["company"]["name"] == "Vault").unwrap();
        assert_eq!(vault["permissions"], json!([]), "one is told that it is there, and can do nothing: {me}");

        // To a stranger it is not there at all.
        let stranger = tenant.sign_up(&format!("eve-{placement}-guard@example.com")).await;
        assert_eq!(stranger.get(&at).await.problem(404), "not_found");

        // With the factor that she enrols, from her next refresh on.
        Authenticator::enrol(&ada).await;
        assert_eq!(ada.get(&at).await.problem(403), "two_factor_required", "this token was made before");
        let refresh = json!({"refresh_token": ada.refresh_token});
        let pair = tenant.anonymous().post("/auth/token/refresh", refresh).await.expect(200);
        let mut strong = ada.clone();
        strong.token = pair["access_token"].as_str().map(str::to_owned);
        assert_eq!(strong.get(&at).await.expect(200)["name"], "Vault");
        assert_eq!(listed(&strong, &members).await.len(), 1);
        assert_eq!(listed(&strong, "/company").await.len(), 2);

        // Lifted, everybody is back.
        strong.patch(&settings, json!({"require_two_factor": false})).await.expect(200);
        owner.get(&at).await.expect(200);
        assert_eq!(listed(&owner, &members).await.len(), 1);
    }
}
