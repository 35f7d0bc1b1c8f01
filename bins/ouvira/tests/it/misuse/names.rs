//! Names that are one name, however they are spelled.

use serde_json::{Value, json};

use super::{everything, id};
use crate::service::{Answer, Client, Service};

/// The same word: precomposed capitals, decomposed small letters, full-width ones, and padded.
const SAME: [&str; 4] =
    ["e\u{301}cole", "\u{ff25}\u{301}\u{ff23}\u{ff2f}\u{ff2c}\u{ff25}", "École", "  ÉCOLE  "];

async fn company(owner: &Client, name: &str, parent: Option<&Value>) -> Answer {
    owner.post("/company", json!({"name": name, "parent_id": parent.map(id)})).await
}

#[tokio::test]
async fn siblings_do_not_share_a_name_however_it_is_spelled() {
    let service = Service::shared().await;
    for placement in ["shared", "schema", "database"] {
        let owner = service.tenant(placement).owner().await;
        let top = company(&owner, "Top", None).await.expect(201);
        let mut made = Vec::new();
        for parent in [None, Some(&top)] {
            company(&owner, "ÉCOLE", parent).await.expect(201);
            made.push(company(&owner, "Strasse", parent).await.expect(201));
        }
        // The same name elsewhere is another one, as long as it stays there.
        let elsewhere = company(&owner, "Elsewhere", None).await.expect(201);
        let namesake = company(&owner, "École", Some(&elsewhere)).await.expect(201);
        let deleted = company(&owner, "Gone", None).await.expect(201);
        owner.delete(&format!("/company/{}", id(&deleted))).await.expect(204);
        company(&owner, "GONE", None).await.expect(201);

        let before = everything(&owner).await;
        for name in SAME {
            for parent in [None, Some(&top)] {
                assert_eq!(company(&owner, name, parent).await.problem(409), "name_taken", "{name}");
            }
            for other in &made {
                let path = format!("/company/{}", id(other));
                for method in ["PUT", "PATCH"] {
                    let request = owner.request(method, &path).json(&json!({"name": name}));
                    assert_eq!(service.send(request).await.problem(409), "name_taken", "{method} {name}");
                }
            }
        }
        assert_eq!(company(&owner, "STRAẞE", None).await.problem(409), "name_taken");
        let moved = json!({"parent_id": top["id"]});
        let moved = owner.post(&format!("/company/{}/move", id(&namesake)), moved).await;
        assert_eq!(moved.problem(409), "name_taken");
        let restored = owner.post(&format!("/company/{}/restore", id(&deleted)), json!({})).await;
        assert_eq!(restored.problem(409), "name_taken");
        assert!(everything(&owner).await == before, "nothing changed");
    }
}

#[tokio::test]
async fn of_companies_founded_at_once_under_one_name_there_is_one() {
    let service = Service::shared().await;
    let owner = service.tenant("shared").owner().await;
    let attempts = ["École", "ÉCOLE", "e\u{301}cole", "\u{c9}COLE"].map(|name| company(&owner, name, None));
    let outcomes = futures_util::future::join_all(attempts).await;
    let mut codes: Vec<_> = outcomes.iter().map(|outcome| outcome.status.as_u16()).collect();
    codes.sort_unstable();
    assert_eq!(codes, [201, 409, 409, 409]);
    assert_eq!(owner.get("/company").await.expect(200)["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn codes_and_addresses_are_had_once() {
    let service = Service::shared().await;
    let owner = service.tenant("shared").owner().await;
    let made = company(&owner, "Engines", None).await.expect(201);
    let post = async |path: &str, body: Value| owner.post(path, body).await;
    let permission = json!({"code": "report.print", "name": "Print"});
    post("/access-control/permissions", permission).await.expect(201);
    let other = json!({"code": "report.send", "name": "Print"});
    let other = post("/access-control/permissions", other).await.expect(201);
    let school = post("/access-control/roles", json!({"name": "École"})).await.expect(201);
    let printer =
        post("/access-control/roles", json!({"name": "Printer", "code": "printer"})).await.expect(201);
    let local = json!({"name": "Printer", "code": "printer", "company_id": made["id"]});
    post("/access-control/roles", local.clone()).await.expect(201);
    post("/account/users", json!({"email": "ÉCOLE@example.com", "phone": "+33612345678"})).await.expect(201);

    let before = everything(&owner).await;
    for (path, body, code) in [
        ("/access-control/permissions", json!({"code": "report.print", "name": "Other"}), "code_taken"),
        ("/access-control/permissions", json!({"code": "company.read", "name": "Other"}), "code_taken"),
        ("/access-control/roles", json!({"name": "Other", "code": "printer"}), "code_taken"),
        ("/access-control/roles", json!({"name": "e\u{301}COLE"}), "code_taken"),
        ("/access-control/roles", json!({"name": "Viewer"}), "code_taken"),
        ("/access-control/roles", local, "code_taken"),
        ("/account/users", json!({"email": "e\u{301}cole@EXAMPLE.com"}), "email_taken"),
        ("/users", json!({"email": "new@example.com", "phone": "+33 6 12 34 56 78"}), "phone_taken"),
    ] {
        assert_eq!(post(path, body.clone()).await.problem(409), code, "{path} {body}");
    }
    let renamed = format!("/access-control/permissions/{}", id(&other));
    assert_eq!(owner.patch(&renamed, json!({"code": "report.print"})).await.problem(409), "code_taken");
    let renamed = format!("/access-control/roles/{}", id(&printer));
    assert_eq!(owner.patch(&renamed, json!({"code": school["code"]})).await.problem(409), "code_taken");
    assert!(everything(&owner).await == before, "nothing changed");
}
