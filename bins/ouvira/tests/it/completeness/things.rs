//! One thing of every kind, made by a tenant's owner.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::table::OBJECT_GRANT;
use crate::service::Client;

/// Ids of things by their kind.
pub struct Things {
    ids: HashMap<&'static str, String>,
}

impl Things {
    pub async fn made_by(owner: &Client) -> Self {
        let mut this = Self { ids: HashMap::new() };
        let company = owner.post("/company", json!({"name": "Thing"})).await.expect(201);
        this.put("company", &company);
        let user = owner
            .post("/account/users", json!({"email": "thing@example.com", "first_name": "Thing"}))
            .await
            .expect(201);
        this.put("user", &user);
        let permission = json!({"code": "thing.do", "name": "Do a thing"});
        this.put("permission", &owner.post("/access-control/permissions", permission).await.expect(201));
        let role =
            owner.post("/access-control/roles", json!({"name": "Doer", "code": "doer"})).await.expect(201);
        this.put("role", &role);
        this.make(
            owner,
            "role_permission",
            "/access-control/role-permissions",
            r#"{"role_id": "{role}", "permission_id": "{permission}"}"#,
        )
        .await;
        this.make(
            owner,
            "membership",
            "/access-control/user-companies",
            r#"{"user_id": "{user}", "company_id": "{company}"}"#,
        )
        .await;
        let given = r#"{"user_company_id": "{membership}", "role_id": "{role}"}"#;
        this.make(owner, "membership_role", "/access-control/user-company-roles", given).await;
        this.make(owner, "user_role", "/user-roles", r#"{"user_id": "{user}", "role_id": "{role}"}"#).await;
        let invitation =
            r#"{"company_id": "{company}", "email": "guest-thing@example.com", "role_ids": ["{role}"]}"#;
        this.make(owner, "invitation", "/access-control/invitations", invitation).await;
        this.make(owner, "object_grant", "/access-control/object-grants", OBJECT_GRANT).await;
        let webhook = r#"{"url": "https://192.0.9.1/hook", "events": ["company.moved.v1"]}"#;
        this.make(owner, "webhook", "/audit/webhooks", webhook).await;
        let sessions = owner.get("/auth/sessions").await.expect(200);
        this.put("session", &sessions["items"][0]);
        let activities = owner.get("/audit/activity-logs?action=company.created").await.expect(200);
        this.put("activity_log", &activities["items"][0]);
        this.put("tenant", &owner.get("/me").await.expect(200)["tenant"]);
        this
    }

    fn put(&mut self, kind: &'static str, thing: &Value) {
        self.ids.insert(kind, thing["id"].as_str().unwrap_or_else(|| panic!("{kind}: {thing}")).to_owned());
    }

    async fn make(&mut self, owner: &Client, kind: &'static str, path: &str, body: &str) {
        let made = owner.post(path, self.fill(body)).await.expect(201);
        self.put(kind, &made);
    }

    /// The id of the thing of that kind.
    pub fn id(&self, kind: &str) -> String {
        self.ids.get(kind).unwrap_or_else(|| panic!("there is no thing of kind {kind}")).clone()
    }

    /// A body with the ids put in.
    pub fn fill(&self, body: &str) -> Value {
        let mut body = body.to_owned();
        for (kind, id) in &self.ids {
            body = body.replace(&format!("{{{kind}}}"), id);
        }
        serde_json::from_str(&body).unwrap()
    }

    /// Nothing of all that was tried has happened.
    pub async fn are_untouched(&self, owner: &Client) {
        let company = owner.get(&format!("/company/{}", self.id("company"))).await.expect(200);
        assert_eq!((&company["name"], &company["version"]), (&json!("Thing"), &json!(1)), "{company}");
        let user = owner.get(&format!("/account/users/{}", self.id("user"))).await.expect(200);
        assert_eq!((&user["first_name"], &user["is_active"]), (&json!("Thing"), &json!(true)), "{user}");
        let role = owner.get(&format!("/access-control/roles/{}", self.id("role"))).await.expect(200);
        assert_eq!(role["name"], "Doer", "{role}");
        let invitation =
            owner.get(&format!("/access-control/invitations/{}", self.id("invitation"))).await.expect(200);
        assert_eq!(invitation["status"], "pending", "{invitation}");
        for (kind, path) in [
            ("membership", "/access-control/user-companies"),
            ("membership_role", "/access-control/user-company-roles"),
            ("role_permission", "/access-control/role-permissions"),
            ("user_role", "/user-roles"),
            ("object_grant", "/access-control/object-grants"),
            ("permission", "/access-control/permissions"),
        ] {
            owner.get(&format!("{path}/{}", self.id(kind))).await.expect(200);
        }
    }
}
