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

/// Kilobytes of memory that the service has in use.
fn resident(service: &Service) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn an_import_of_fifty_thousand_lines_is_told_line_by_line_in_bounded_memory() {
    let service = std::sync::Arc::new(Service::start(&[]).await);
    let owner = service.tenant("shared").owner().await;
    let lines = |count: u32| {
        let header = std::iter::once("email,first_name,last_name\n".to_owned());
        let lines = (1..=count).map(|number| match number % 1000 {
            0 => "not an address,Nobody,Nowhere\n".to_owned(),
            _ => format!("person-{number}@example.com,Person,Number {number}\n"),
        });
        header.chain(lines).collect::<String>()
    };
    let import = |count: u32| {
        let request = owner.request("POST", "/account/users/import?dry_run=true");
        let request = request.header("content-type", "text/csv").timeout(std::time::Duration::from_mins(5));
        service.send(request.body(lines(count)))
    };
    import(500).await.expect(200);
    let before = resident(&service);
    let report = import(50_000).await.expect(200);
    let after = resident(&service);
    assert_eq!((&report["created"], &report["failed"]), (&json!(49_950), &json!(50)));
    let told = report["lines"].as_array().unwrap();
    assert_eq!(told.len(), 50_000);
    assert_eq!((&told[999]["line"], &told[999]["status"]), (&json!(1001), &json!("failed")));
    assert_eq!(told[999]["errors"][0]["pointer"], "/email");
    let grown = after.saturating_sub(before) / 1024;
    assert!(grown < 96, "{grown} MB for what is told of 50,000 lines");
}
