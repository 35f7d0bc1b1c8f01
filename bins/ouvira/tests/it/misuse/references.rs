//! Ids of another tenant in every place where an id can stand, and permissions that nobody declared.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{everything, pointers};
use crate::{
    completeness::things::Things,
    service::{Answer, Client, Service},
};

/// Method, path and body; `{{company}}` is of another tenant and `{company}` one's own. With what is to be answered: the
/// pointer of the refused reference, or that the list is empty.
const FOREIGN: &[(&str, &str, &str, &str)] = &[
    ("POST", "/company", r#"{"name": "Child", "parent_id": "{{company}}"}"#, "/parent_id"),
    ("POST", "/company/{company}/move", r#"{"parent_id": "{{company}}"}"#, "/parent_id"),
    ("POST", "/access-control/roles", r#"{"name": "Printer", "company_id": "{{company}}"}"#, "/company_id"),
    (
        "POST",
        "/access-control/role-permissions",
        r#"{"role_id": "{{role}}", "permission_id": "{permission}"}"#,
        "/role_id",
    ),
    (
        "POST",
        "/access-control/role-permissions",
        r#"{"role_id": "{role}", "permission_id": "{{permission}}"}"#,
        "/permission_id",
    ),
    (
        "POST",
        "/access-control/user-companies",
        r#"{"user_id": "{{user}}", "company_id": "{company}"}"#,
        "/user_id",
    ),
    (
        "POST",
        "/access-control/user-companies",
        r#"{"user_id": "{user}", "company_id": "{{company}}"}"#,
        "/company_id",
    ),
    (
        "POST",
        "/access-control/user-company-roles",
        r#"{"user_company_id": "{{membership}}", "role_id": "{role}"}"#,
        "/user_company_id",
    ),
    (
        "POST",
        "/access-control/user-company-roles",
        r#"{"user_company_id": "{membership}", "role_id": "{{role}}"}"#,
        "/role_id",
    ),
    ("POST", "/user-roles", r#"{"user_id": "{{user}}", "role_id": "{role}"}"#, "/user_id"),
    ("POST", "/user-roles", r#"{"user_id": "{user}", "role_id": "{{role}}"}"#, "/role_id"),
    (
        "POST",
        "/user-roles",
        r#"{"user_id": "{user}", "role_id": "{role}", "company_id": "{{company}}"}"#,
        "/company_id",
    ),
    ("POST", "/roles/assign", r#"{"user_id": "{{user}}", "role": "viewer"}"#, "/user_id"),
    (
        "POST",
        "/roles/assign",
        r#"{"user_id": "{user}", "role": "viewer", "company_id": "{{company}}"}"#,
        "/company_id",
    ),
    (
        "POST",
        "/access-control/invitations",
        r#"{"email": "x@example.com", "company_id": "{{company}}", "role_ids": []}"#,
        "/company_id",
    ),
    (
        "POST",
        "/access-control/invitations",
        r#"{"email": "x@example.com", "role_ids": ["{role}", "{{role}}"]}"#,
        "/role_ids/1",
    ),
    (
        "PUT",
        "/access-control/invitations/{invitation}",
        r#"{"role_ids": ["{role}", "{{role}}"]}"#,
        "/role_ids/1",
    ),
    (
        "POST",
        "/access-control/object-grants",
        r#"{"user_id": "{{user}}", "permission": "company.read", "object_type": "company", "object_id": "{company}"}"#,
        "/user_id",
    ),
    (
        "POST",
        "/access-control/object-grants",
        r#"{"role_id": "{{role}}", "permission": "company.read", "object_type": "company", "object_id": "{company}"}"#,
        "/role_id",
    ),
    (
        "POST",
        "/access-control/object-grants",
        r#"{"user_id": "{user}", "permission": "company.read", "object_type": "company", "object_id": "{{company}}"}"#,
        "/object_id",
    ),
    (
        "POST",
        "/account/users",
        r#"{"email": "x@example.com", "role_ids": ["{role}", "{{role}}"]}"#,
        "/role_ids/1",
    ),
    ("POST", "/users", r#"{"email": "x@example.com", "role_ids": ["{role}", "{{role}}"]}"#, "/role_ids/1"),
    ("GET", "/company?parent_id={{company}}", "", ""),
    ("GET", "/access-control/roles?company_id={{company}}", "", ""),
    ("GET", "/access-control/role-permissions?role_id={{role}}", "", ""),
    ("GET", "/access-control/user-companies?company_id={{company}}", "", ""),
    ("GET", "/access-control/user-companies?user_id={{user}}", "", ""),
    ("GET", "/access-control/user-company-roles?user_company_id={{membership}}", "", ""),
    ("GET", "/access-control/invitations?company_id={{company}}", "", ""),
    ("GET", "/access-control/object-grants?user_id={{user}}", "", ""),
    ("GET", "/access-control/object-grants?role_id={{role}}", "", ""),
    ("GET", "/user-roles?user_id={{user}}", "", ""),
    ("GET", "/user-roles?company_id={{company}}", "", ""),
    ("GET", "/audit/activity-logs?company_id={{company}}", "", ""),
];

/// Ids of the kinds that the table names.
fn ids(of: impl Fn(&str) -> String) -> BTreeMap<&'static str, String> {
    let kinds = ["company", "user", "role", "permission", "membership", "invitation"];
    kinds.into_iter().map(|kind| (kind, of(kind))).collect()
}

fn fill(template: &str, foreign: &BTreeMap<&str, String>, own: &BTreeMap<&str, String>) -> String {
    let put = |text: String, ids: &BTreeMap<&str, String>, braces: fn(&str) -> String| {
        ids.iter().fold(text, |text, (kind, id)| text.replace(&braces(kind), id))
    };
    let text = put(template.to_owned(), foreign, |kind| format!("{{{{{kind}}}}}"));
    put(text, own, |kind| format!("{{{kind}}}"))
}

async fn send(owner: &Client, method: &str, path: &str, body: &str) -> Answer {
    let request = owner.request(method, path);
    let request = match body {
        "" => request,
        body => request.json(&serde_json::from_str::<Value>(body).unwrap()),
    };
    owner.service().send(request).await
}

#[tokio::test]
async fn a_foreign_id_is_a_random_one_wherever_it_stands() {
    let service = Service::shared().await;
    for (theirs, ours) in [("shared", "shared"), ("schema", "shared"), ("shared", "database")] {
        let (theirs, ours) = (service.tenant(theirs).owner().await, service.tenant(ours).owner().await);
        let (their_things, our_things) = (Things::made_by(&theirs).await, Things::made_by(&ours).await);
        let own = ids(|kind| our_things.id(kind));
        let foreign = ids(|kind| their_things.id(kind));
        let random = ids(|_| "01890a5d-ac96-774b-bcce-b302099a8057".to_owned());
        let before = (everything(&ours).await, everything(&theirs).await);
        for (method, path, body, refused) in FOREIGN {
            for ids in [&foreign, &random] {
                let (path, body) = (fill(path, ids, &own), fill(body, ids, &own));
                let answer = send(&ours, method, &path, &body).await;
                if refused.is_empty() {
                    assert_eq!(answer.expect(200)["items"], json!([]), "{method} {path}");
                } else {
                    assert_eq!(pointers(&answer), [*refused], "{method} {path} {body}: {}", answer.body);
                    assert_eq!(answer.problem(422), "unknown_reference", "{method} {path} {body}");
                }
            }
        }
        assert!((everything(&ours).await, everything(&theirs).await) == before, "nothing changed");
    }
}

#[tokio::test]
async fn a_question_with_foreign_ids_is_answered_no() {
    let service = Service::shared().await;
    let (theirs, ours) = (service.tenant("shared").owner().await, service.tenant("shared").owner().await);
    let (their_things, our_things) = (Things::made_by(&theirs).await, Things::made_by(&ours).await);
    let (company, user) = (their_things.id("company"), their_things.id("user"));
    let own = our_things.id("company");
    let checks = json!([
        {"permission": "company.read", "company_id": own},
        {"permission": "company.read", "company_id": company},
        {"permission": "company.read", "object": {"type": "company", "id": company}},
        {"permission": "company.read", "company_id": own, "user_id": user},
        {"permission": "company.read", "company_id": own, "user_id": theirs.user_id},
    ]);
    for explain in [false, true] {
        let asked = json!({"checks": checks, "explain": explain});
        let answer = ours.post("/access-control/check", asked).await.expect(200);
        let allowed: Vec<_> =
            answer["results"].as_array().unwrap().iter().map(|result| result["allowed"] == true).collect();
        assert_eq!(allowed, [true, false, false, false, false], "{answer}");
    }
}

#[tokio::test]
async fn a_permission_that_nobody_declared_gets_into_nothing() {
    let service = Service::shared().await;
    let owner = service.tenant("shared").owner().await;
    let things = Things::made_by(&owner).await;
    let before = everything(&owner).await;
    let role = format!("/access-control/roles/{}", things.id("role"));
    let named = json!(["company.read", "nobody.declared"]);
    let grant = |permission: &str| {
        json!({
            "user_id": things.id("user"), "permission": permission,
            "object_type": "company", "object_id": things.id("company"),
        })
    };
    let asked =
        |permission: &str| json!({"checks": [{"permission": "company.read"}, {"permission": permission}]});
    for (method, path, body, pointer) in [
        ("POST", "/access-control/roles", json!({"name": "Other", "permissions": named}), "/permissions/1"),
        ("PUT", &role, json!({"name": "Doer", "code": "doer", "permissions": named}), "/permissions/1"),
        ("PATCH", &role, json!({"permissions": named}), "/permissions/1"),
        ("PATCH", &role, json!({"permissions": [" company.read"]}), "/permissions/0"),
        ("POST", "/access-control/object-grants", grant("nobody.declared"), "/permission"),
        ("POST", "/access-control/object-grants", grant("Company.Read"), "/permission"),
        ("POST", "/access-control/check", asked("nobody.declared"), "/checks/1/permission"),
        ("POST", "/access-control/check", asked("NOT A CODE"), "/checks/1/permission"),
    ] {
        let refused = service.send(owner.request(method, path).json(&body)).await;
        assert_eq!(pointers(&refused), [pointer], "{method} {path} {body}: {}", refused.body);
        assert_eq!(refused.problem(422), "unknown_reference", "{method} {path} {body}");
    }
    assert!(everything(&owner).await == before, "nothing changed");
}
