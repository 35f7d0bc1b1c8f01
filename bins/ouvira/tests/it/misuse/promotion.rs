//! Nobody makes themselves more than they are, whatever they put into a body.

use serde_json::{Value, json};

use super::{everything, id, system_role};
use crate::service::{Client, Service};

/// What somebody may do, as `/me` tells it.
async fn standing(somebody: &Client) -> Value {
    let me = somebody.get("/me").await.expect(200);
    json!([me["permissions"], me["companies"]])
}

#[tokio::test]
async fn members_that_would_promote_are_unknown_in_every_body_about_oneself() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let owner = tenant.owner().await;
    let eve = tenant.sign_up("eve-promotes@example.com").await;
    let before = (standing(&eve).await, eve.get("/account/profile").await.expect(200));
    for (member, value) in [
        ("roles", json!(["owner"])),
        ("role", json!("owner")),
        ("role_ids", json!([system_role(&owner, "owner").await])),
        ("permissions", json!(["tenant.settings"])),
        ("is_admin", json!(true)),
        ("is_superuser", json!(true)),
        ("tenant_id", json!("01890a5d-ac96-774b-bcce-b302099a8057")),
        ("user_id", json!(owner.user_id)),
        ("password", json!("engine analytical 1843")),
        ("password_hash", json!("$argon2id$")),
        ("deleted_at", Value::Null),
        ("__proto__", json!({"is_admin": true})),
    ] {
        for method in ["PUT", "PATCH"] {
            let body = json!({"first_name": "Eve", "last_name": "E", "locale": "en", "timezone": "UTC", member: value});
            let refused = service.send(eve.request(method, "/account/profile").json(&body)).await;
            assert_eq!(refused.body["errors"][0]["pointer"], format!("/{member}"), "{}", refused.body);
            assert_eq!(refused.problem(422), "unknown_field", "{method} {member}");
        }
    }
    assert_eq!((standing(&eve).await, eve.get("/account/profile").await.expect(200)), before);
}

#[tokio::test]
async fn read_only_members_are_taken_and_change_nothing() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let owner = tenant.owner().await;
    let eve = tenant.sign_up("eve-reads@example.com").await;
    let claims = json!({
        "id": owner.user_id, "version": 4711, "email": "owner@example.com", "email_verified": true,
        "phone": "+33612345678", "phone_verified": true, "is_active": false, "two_factor_enabled": true,
        "last_login_at": null, "created_at": "2001-01-01T00:00:00Z", "updated_at": "2001-01-01T00:00:00Z",
    });
    let before = eve.get("/account/profile").await.expect(200);
    let unchanged = eve.patch("/account/profile", claims.clone()).await.expect(200);
    assert_eq!(unchanged, before, "nothing writable was in it");
    // What was read can be sent back as it is.
    for method in ["PUT", "PATCH"] {
        let request = eve.request(method, "/account/profile").json(&before);
        assert_eq!(service.send(request).await.expect(200), before, "{method}");
    }
    // The same of another user, by who may change them.
    let user = format!("/account/users/{}", eve.user_id);
    let mut claims = claims;
    for writable in ["email", "phone", "is_active"] {
        claims.as_object_mut().unwrap().remove(writable);
    }
    assert_eq!(owner.patch(&user, claims).await.expect(200)["version"], before["version"]);
    let promoted = owner.patch(&user, json!({"roles": ["owner"]})).await;
    assert_eq!(promoted.problem(422), "unknown_field");
}

#[tokio::test]
async fn an_administrator_does_not_become_owner() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let owner = tenant.owner().await;
    let admin = tenant.sign_up("admin-promotes@example.com").await;
    let role = |code: &'static str| system_role(&owner, code);
    let (owners, admins) = (role("owner").await, role("admin").await);
    owner.post("/user-roles", json!({"user_id": admin.user_id, "role_id": admins})).await.expect(201);
    let company = owner.post("/company", json!({"name": "Engines"})).await.expect(201);
    let member = json!({"user_id": admin.user_id, "company_id": company["id"]});
    let member = owner.post("/access-control/user-companies", member).await.expect(201);
    let custom = owner.post("/access-control/roles", json!({"name": "Helper"})).await.expect(201);
    owner.post("/user-roles", json!({"user_id": admin.user_id, "role_id": custom["id"]})).await.expect(201);
    let permissions = owner.get("/access-control/permissions?limit=100").await.expect(200);
    let beyond =
        permissions["items"].as_array().unwrap().iter().find(|p| p["code"] == "company.delete").unwrap();
    let helper = format!("/access-control/roles/{}", id(&custom));
    let system = format!("/access-control/roles/{admins}");

    let before = (standing(&admin).await, everything(&owner).await);
    let me = &admin.user_id;
    let grant = json!({
        "user_id": me, "permission": "company.delete", "object_type": "company", "object_id": company["id"],
    });
    for (method, path, body, status, code) in [
        ("POST", "/user-roles", json!({"user_id": me, "role_id": owners}), 403, "cannot_grant"),
        (
            "POST",
            "/user-roles",
            json!({"user_id": me, "role_id": owners, "company_id": company["id"]}),
            403,
            "cannot_grant",
        ),
        ("POST", "/roles/assign", json!({"user_id": me, "role": "OWNER"}), 403, "cannot_grant"),
        (
            "POST",
            "/access-control/user-company-roles",
            json!({"user_company_id": member["id"], "role_id": owners}),
            403,
            "cannot_grant",
        ),
        (
            "POST",
            "/access-control/invitations",
            json!({"email": "me-again@example.com", "role_ids": [owners]}),
            403,
            "cannot_grant",
        ),
        (
            "POST",
            "/users/invite",
            json!({"email": "me-again@example.com", "role": "OWNER"}),
            403,
            "cannot_grant",
        ),
        (
            "POST",
            "/account/users",
            json!({"email": "me-again@example.com", "role_ids": [owners]}),
            403,
            "cannot_grant",
        ),
        ("POST", "/access-control/object-grants", grant, 403, "cannot_grant"),
        (
            "POST",
            "/access-control/role-permissions",
            json!({"role_id": custom["id"], "permission_id": beyond["id"]}),
            403,
            "cannot_grant",
        ),
        ("PATCH", &helper, json!({"permissions": ["company.delete"]}), 403, "cannot_grant"),
        ("PUT", &helper, json!({"name": "Helper", "permissions": ["company.delete"]}), 403, "cannot_grant"),
        (
            "POST",
            "/access-control/roles",
            json!({"name": "Above", "permissions": ["company.delete"]}),
            403,
            "cannot_grant",
        ),
        ("PATCH", &system, json!({"permissions": ["company.delete"]}), 403, "system_role"),
        ("PUT", &system, json!({"name": "Administrator", "permissions": []}), 403, "system_role"),
        (
            "POST",
            "/access-control/role-permissions",
            json!({"role_id": admins, "permission_id": beyond["id"]}),
            403,
            "system_role",
        ),
        ("POST", "/access-control/roles", json!({"name": "Me", "code": "owner"}), 409, "code_taken"),
    ] {
        let refused = service.send(admin.request(method, path).json(&body)).await;
        assert_eq!(refused.problem(status), code, "{method} {path} {body}");
    }
    let system_role = service.send(admin.request("DELETE", &system)).await;
    assert_eq!(system_role.problem(403), "system_role");
    assert!((standing(&admin).await, everything(&owner).await) == before, "nothing changed");
}
