//! Trees that are none, and very deep ones.

use serde_json::{Value, json};

use super::{everything, id};
use crate::service::{Client, Service};

async fn found(owner: &Client, name: &str, parent: Option<&Value>) -> Value {
    owner.post("/company", json!({"name": name, "parent_id": parent.map(id)})).await.expect(201)
}

async fn move_to(owner: &Client, company: &Value, parent: &Value) -> (u16, Value) {
    let answer =
        owner.post(&format!("/company/{}/move", id(company)), json!({"parent_id": parent["id"]})).await;
    (answer.status.as_u16(), answer.body["code"].clone())
}

#[tokio::test]
async fn no_company_gets_below_itself_in_any_placement() {
    let service = Service::shared().await;
    for placement in ["shared", "schema", "database"] {
        let owner = service.tenant(placement).owner().await;
        let top = found(&owner, "Top", None).await;
        let middle = found(&owner, "Middle", Some(&top)).await;
        let bottom = found(&owner, "Bottom", Some(&middle)).await;
        let before = everything(&owner).await;
        for (company, parent) in [(&top, &top), (&top, &middle), (&top, &bottom), (&middle, &bottom)] {
            assert_eq!(
                move_to(&owner, company, parent).await,
                (409, json!("company_cycle")),
                "{company} {parent}"
            );
        }
        // Nor is it moved by an edit: its place is read-only there.
        for (method, body) in [
            ("PATCH", json!({"parent_id": bottom["id"]})),
            ("PUT", json!({"name": "Top", "parent_id": bottom["id"]})),
        ] {
            let request = owner.request(method, &format!("/company/{}", id(&top))).json(&body);
            assert_eq!(service.send(request).await.expect(200)["parent_id"], Value::Null);
        }
        assert_eq!(everything(&owner).await, before);
    }
}

#[tokio::test]
async fn moves_that_race_make_no_cycle() {
    let service = Service::shared().await;
    let owner = service.tenant("shared").owner().await;
    for round in 0..10 {
        let companies = [
            found(&owner, &format!("A{round}"), None).await,
            found(&owner, &format!("B{round}"), None).await,
            found(&owner, &format!("C{round}"), None).await,
        ];
        let moves = (0..3).map(|number| move_to(&owner, &companies[number], &companies[(number + 1) % 3]));
        let mut outcomes = futures_util::future::join_all(moves).await;
        outcomes.sort_unstable_by_key(|(status, _)| *status);
        let refused = (409, json!("company_cycle"));
        assert_eq!(outcomes, [(200, Value::Null), (200, Value::Null), refused], "round {round}");
        let mut roots = 0;
        for company in &companies {
            let now = owner.get(&format!("/company/{}", id(company))).await.expect(200);
            roots += usize::from(now["parent_id"].is_null());
        }
        assert_eq!(roots, 1, "round {round}");
    }
}

/// The tree is told five levels at a time; what is decided on it has no such limit.
#[tokio::test]
async fn a_very_deep_tree_is_told_in_parts_and_decided_as_a_whole() {
    const DEPTH: usize = 60;
    let service = Service::shared().await;
    let owner = service.tenant("shared").owner().await;
    let mut chain = vec![found(&owner, "Level 0", None).await];
    for level in 1..DEPTH {
        let below = found(&owner, &format!("Level {level}"), chain.last()).await;
        chain.push(below);
    }
    let mut tree = owner.get(&format!("/company/{}/tree", id(&chain[0]))).await.expect(200);
    let mut levels = 0;
    while let Some(child) = tree["children"].get(0).cloned() {
        assert_eq!(tree["has_more"], false, "level {levels} is told whole");
        tree = child;
        levels += 1;
    }
    assert_eq!((levels, &tree["has_more"]), (5, &json!(true)));
    assert_eq!(tree["company"]["id"], chain[5]["id"]);

    let bottom = chain.last().unwrap();
    assert_eq!(move_to(&owner, &chain[0], bottom).await, (409, json!("company_cycle")));
    // An administrator at the top is one at the bottom.
    let tenant_admin = json!({"email": "deep@example.com"});
    let grace = owner.post("/account/users", tenant_admin).await.expect(201);
    let given = json!({"user_id": grace["id"], "role": "ADMIN", "company_id": chain[0]["id"]});
    owner.post("/roles/assign", given).await.expect(201);
    let check = json!({
        "checks": [{"permission": "company.update", "company_id": bottom["id"], "user_id": grace["id"]}],
        "explain": true,
    });
    let answer = owner.post("/access-control/check", check).await.expect(200);
    let because = &answer["results"][0]["because"][0];
    assert_eq!((&because["company_id"], &because["via"]), (&chain[0]["id"], &json!("inherited")), "{answer}");
}
