//! A cursor goes on where it was made, and nowhere else.

use serde_json::json;

use super::LISTS;
use crate::{
    completeness::things::Things,
    service::{Client, Service},
};

/// A tenant with at least two of everything.
async fn furnished(owner: &Client) {
    let things = Things::made_by(owner).await;
    let twice = |path: &'static str, body: &'static str| (path, things.fill(body));
    for (path, body) in [
        twice("/company", r#"{"name": "Second"}"#),
        twice("/access-control/invitations", r#"{"email": "second@example.com", "role_ids": []}"#),
        twice(
            "/access-control/user-company-roles",
            r#"{"user_company_id": "{membership}", "role_id": "{viewer}"}"#,
        ),
        twice(
            "/access-control/object-grants",
            r#"{"user_id": "{user}", "permission": "company.update", "object_type": "company", "object_id": "{company}"}"#,
        ),
    ] {
        let mut body = body;
        if body["role_id"] == "{viewer}" {
            body["role_id"] = json!(super::system_role(owner, "viewer").await);
        }
        owner.post(path, body).await.expect(201);
    }
}

#[tokio::test]
async fn a_cursor_of_another_list_query_or_tenant_is_refused() {
    let service = Service::shared().await;
    let (ours, theirs) = (service.tenant("shared").owner().await, service.tenant("shared").owner().await);
    furnished(&ours).await;
    furnished(&theirs).await;
    let cursor = async |owner: &Client, list: &str| {
        let page = owner.get(&format!("{list}?limit=1")).await.expect(200);
        page["next_cursor"].as_str().unwrap_or_else(|| panic!("{list} has a second page: {page}")).to_owned()
    };
    for (number, list) in LISTS.into_iter().enumerate() {
        let own = cursor(&ours, list).await;
        ours.get(&format!("{list}?limit=1&cursor={own}")).await.expect(200);
        // Another length of page is the same query.
        ours.get(&format!("{list}?limit=7&cursor={own}")).await.expect(200);

        let of_another_list = cursor(&ours, LISTS[(number + 1) % LISTS.len()]).await;
        let of_another_tenant = cursor(&theirs, list).await;
        let mut tampered = own.clone().into_bytes();
        let last = tampered.len() - 3;
        tampered[last] = if tampered[last] == b'A' { b'B' } else { b'A' };
        let tampered = String::from_utf8(tampered).unwrap();
        for wrong in [
            of_another_list,
            of_another_tenant,
            tampered,
            "bm9uZQ".to_owned(),
            "%00".to_owned(),
            String::new(),
        ] {
            let refused = ours.get(&format!("{list}?limit=1&cursor={wrong}")).await;
            assert_eq!(refused.problem(400), "invalid_parameter", "{list} {wrong}");
        }
    }
    let any = "01890a5d-ac96-774b-bcce-b302099a8057";
    for (list, filter) in [
        ("/account/users", "search=thing".to_owned()),
        ("/account/users", "is_active=true".to_owned()),
        ("/account/users", "sort=email".to_owned()),
        ("/company", "search=second".to_owned()),
        ("/company", "status=active".to_owned()),
        ("/company", format!("parent_id={any}")),
        ("/access-control/roles", format!("company_id={any}")),
        ("/access-control/role-permissions", format!("role_id={any}")),
        ("/access-control/user-companies", format!("company_id={any}")),
        ("/access-control/user-companies", format!("user_id={any}")),
        ("/access-control/user-company-roles", format!("user_company_id={any}")),
        ("/access-control/invitations", "status=pending".to_owned()),
        ("/access-control/object-grants", format!("user_id={any}")),
        ("/user-roles", format!("user_id={any}")),
        ("/user-roles", format!("company_id={any}")),
    ] {
        let of_another_query = cursor(&ours, list).await;
        let refused = ours.get(&format!("{list}?{filter}&limit=1&cursor={of_another_query}")).await;
        assert_eq!(refused.problem(400), "invalid_parameter", "{list} {filter}");
    }
}
