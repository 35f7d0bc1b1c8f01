//! Tenants are walled off from each other, in every pair of placements.

use serde_json::json;

use crate::service::Service;

#[tokio::test]
async fn one_tenants_people_and_things_are_nothing_to_another() {
    let service = Service::shared().await;
    for (ours, theirs) in
        [("shared", "shared"), ("shared", "schema"), ("schema", "database"), ("database", "shared")]
    {
        let (ours, theirs) = (service.tenant(ours), service.tenant(theirs));
        let (owner, foreigner) = (ours.owner().await, theirs.owner().await);
        let company = owner.post("/company", json!({"name": "Ours"})).await.expect(201);
        let id = company["id"].as_str().unwrap();

        // A token used at another tenant, with everything else right.
        let mut stray = theirs.anonymous();
        stray.token.clone_from(&owner.token);
        assert_eq!(stray.get("/account/profile").await.problem(401), "token_invalid");

        // Ids of ours, used by them, are as random ones.
        assert_eq!(foreigner.get(&format!("/company/{id}")).await.problem(404), "not_found");
        assert_eq!(foreigner.delete(&format!("/company/{id}")).await.problem(404), "not_found");
        let child = json!({"name": "Theirs", "parent_id": id});
        assert_eq!(foreigner.post("/company", child).await.problem(422), "unknown_reference");
        let user = owner.user_id.as_str();
        assert_eq!(foreigner.get(&format!("/account/users/{user}")).await.problem(404), "not_found");
        let logs = foreigner.get(&format!("/audit/activity-logs?company_id={id}")).await.expect(200);
        assert_eq!(logs["items"], json!([]));

        // The same e-mail in two tenants is two users.
        let (a, b) = (owner.get("/me").await.expect(200), foreigner.get("/me").await.expect(200));
        assert_eq!(a["user"]["email"], b["user"]["email"]);
        assert_ne!(a["user"]["id"], b["user"]["id"]);
    }
}

#[tokio::test]
async fn a_tenant_is_named_once_and_exists() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let get = |headers: &[(&str, &str)]| {
        let mut request = service.request("GET", "/auth/config");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request
    };
    assert_eq!(service.send(get(&[])).await.problem(400), "tenant_required");
    assert_eq!(service.send(get(&[("X-Tenant", "nobody-here")])).await.problem(404), "tenant_not_found");
    let host = format!("{}.localhost", tenant.slug);
    service.send(get(&[("Host", &host)])).await.expect(200);
    service.send(get(&[("Host", &host), ("X-Tenant", &tenant.slug)])).await.expect(200);
    assert_eq!(
        service.send(get(&[("Host", &host), ("X-Tenant", "demo")])).await.problem(400),
        "tenant_conflict"
    );
}
