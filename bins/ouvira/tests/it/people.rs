//! `/users`: people with the names of their roles, from what two domains know.

use serde_json::{Value, json};

use crate::service::{Client, Service};

async fn role(owner: &Client, code: &str) -> Value {
    let roles = owner.get("/access-control/roles?limit=100").await.expect(200);
    let found = roles["items"].as_array().unwrap().iter().find(|role| role["code"] == code);
    found.unwrap_or_else(|| panic!("no role {code}: {roles}"))["id"].clone()
}

#[tokio::test]
async fn users_are_listed_and_created_with_the_names_of_their_roles_in_every_placement() {
    let service = Service::shared().await;
    for placement in ["shared", "schema", "database"] {
        let tenant = service.tenant(placement);
        let owner = tenant.owner().await;
        let roles = json!([role(&owner, "viewer").await, role(&owner, "member").await]);
        let new = json!({"email": "ada@example.com", "first_name": "Ada", "role_ids": roles});
        let made = owner.post("/users", new).await;
        let location = made.headers["location"].to_str().unwrap().to_owned();
        let made = made.expect(201);
        assert_eq!(made["roles"], json!(["Member", "Viewer"]), "{made}");

        // It is the same user as under /account/users.
        let read = owner.get(&location).await.expect(200);
        assert_eq!((&read["id"], &read["email"]), (&made["id"], &made["email"]));

        // A role held in a company counts, once.
        let company = owner.post("/company", json!({"name": "Engines"})).await.expect(201);
        let member = json!({"user_id": made["id"], "company_id": company["id"]});
        let member = owner.post("/access-control/user-companies", member).await.expect(201);
        for code in ["analyst", "viewer"] {
            let given = json!({"user_company_id": member["id"], "role_id": role(&owner, code).await});
            owner.post("/access-control/user-company-roles", given).await.expect(201);
        }
        let page = owner.get("/users?limit=1&sort=created_at&count=true").await.expect(200);
        assert_eq!((&page["total"], &page["items"][0]["roles"]), (&json!(2), &json!(["Owner"])), "{page}");
        let next = format!(
            "/users?limit=1&sort=created_at&count=true&cursor={}",
            page["next_cursor"].as_str().unwrap()
        );
        let next = owner.get(&next).await.expect(200);
        assert_eq!(next["items"][0]["roles"], json!(["Analyst", "Member", "Viewer"]), "{next}");
        assert_eq!(owner.get("/users?search=ad").await.expect(200)["items"][0]["id"], made["id"]);
    }
}

#[tokio::test]
async fn a_user_is_created_with_no_role_that_their_creator_does_not_hold() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let owner = tenant.owner().await;
    let admin = tenant.sign_up("admin-of-people@example.com").await;
    let given = json!({"user_id": admin.user_id, "role_id": role(&owner, "admin").await});
    owner.post("/user-roles", given).await.expect(201);

    let above = json!({"email": "x@example.com", "role_ids": [role(&owner, "owner").await]});
    assert_eq!(admin.post("/users", above).await.problem(403), "cannot_grant");
    let nothing = json!({"email": "x@example.com", "role_ids": ["01890a5d-ac96-774b-bcce-b302099a8057"]});
    let refused = admin.post("/users", nothing).await;
    assert_eq!(refused.body["errors"][0]["pointer"], "/role_ids/0");
    assert_eq!(refused.problem(422), "unknown_reference");
    let himself = json!({"email": "x@example.com", "roles": ["Owner"], "is_active": true});
    assert_eq!(admin.post("/users", himself).await.problem(422), "unknown_field");
    let users = owner.get("/users?search=x").await.expect(200);
    assert_eq!(users["items"], json!([]), "nothing came of it");
}
