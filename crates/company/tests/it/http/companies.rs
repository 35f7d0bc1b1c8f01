use std::sync::Arc;

use actix_web::http::Method;
use ouvira_common::{permission::Scope, tenant::PlacementMode, testing::fakes::FixedRights};
use ouvira_company::permission::COMPANY_READ;
use serde_json::json;

use crate::support::{House, any_company};

#[tokio::test]
async fn a_company_lives_its_life() {
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let ctx = house.somebody().await;
        let me = Some(&ctx);
        let founded = house
            .call(me, Method::POST, "/company")
            .json(&json!({"name": "Acme", "tax_id": null}))
            .send()
            .await;
        assert_eq!((founded.status, founded.header("etag")), (201, "\"1\""), "{founded:?}");
        let id = founded.body["id"].as_str().expect("it has an id").to_owned();
        let path = format!("/company/{id}");
        assert_eq!(founded.header("location"), format!("/api/v1{path}"));
        assert_eq!(founded.body["parent_id"], json!(null));
        assert_eq!(founded.body["status"], "active");

        let read = house.call(me, Method::GET, &path).send().await;
        assert_eq!((read.status, &read.body), (200, &founded.body));

        // What was read can be edited and sent back.
        let mut edited = read.body.clone();
        edited["legal_name"] = json!("Acme S.A.S.");
        let put = house.call(me, Method::PUT, &path).header("If-Match", "\"1\"").json(&edited).send().await;
        assert_eq!(
            (put.status, put.header("etag"), &put.body["legal_name"]),
            (200, "\"2\"", &json!("Acme S.A.S."))
        );
        let stale = house.call(me, Method::PUT, &path).header("If-Match", "\"1\"").json(&edited).send().await;
        assert_eq!(stale.problem(), (412, "version_mismatch"));

        let change = json!({"legal_name": null, "status": "archived"});
        let patched = house.call(me, Method::PATCH, &path).json(&change).send().await;
        assert_eq!(
            (patched.status, &patched.body["legal_name"], &patched.body["status"]),
            (200, &json!(null), &json!("archived"))
        );

        let child = house
            .call(me, Method::POST, "/company")
            .json(&json!({"name": "Child", "parent_id": id}))
            .send()
            .await;
        let tree = house.call(me, Method::GET, &format!("{path}/tree")).send().await;
        assert_eq!(tree.body["children"][0]["company"], child.body);
        assert_eq!(tree.body["has_more"], false);
        let list = house.call(me, Method::GET, "/company?search=ac&status=archived&count=true").send().await;
        assert_eq!((&list.body["items"], &list.body["total"]), (&json!([patched.body]), &json!(1)));

        assert_eq!(house.call(me, Method::DELETE, &path).send().await.problem(), (409, "has_children"));
        let child = format!("/company/{}", child.body["id"].as_str().expect("it has an id"));
        let cycle = house
            .call(me, Method::POST, &format!("{path}/move"))
            .json(&json!({"parent_id": id}))
            .send()
            .await;
        assert_eq!(cycle.problem(), (409, "company_cycle"));
        let moved = house
            .call(me, Method::POST, &format!("{child}/move"))
            .json(&json!({"parent_id": null}))
            .send()
            .await;
        assert_eq!((moved.status, &moved.body["parent_id"]), (200, &json!(null)));
        assert_eq!(house.call(me, Method::DELETE, &path).send().await.status, 204);
        assert_eq!(house.call(me, Method::GET, &path).send().await.problem(), (404, "not_found"));
        assert_eq!(house.call(me, Method::POST, &format!("{path}/restore")).send().await.status, 200);
    }
}

#[tokio::test]
async fn odd_input_is_answered_with_a_problem() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let me = Some(&ctx);
    let company = house.found(&ctx, "Acme", None).await.id;
    for (body, problem, pointer) in [
        (json!({}), (422, "validation_failed"), "/name"),
        (json!({"name": 7}), (422, "validation_failed"), "/name"),
        (json!({"name": "a\u{0}b"}), (422, "validation_failed"), "/name"),
        (json!({"name": "x".repeat(201)}), (422, "validation_failed"), "/name"),
        (json!({"name": "x", "owner_id": "me"}), (422, "unknown_field"), "/owner_id"),
        (json!({"name": "x", "parent_id": "me"}), (422, "validation_failed"), "/parent_id"),
        (json!({"name": "x", "parent_id": any_company()}), (422, "unknown_reference"), "/parent_id"),
    ] {
        let answer = house.call(me, Method::POST, "/company").json(&body).send().await;
        assert_eq!((answer.problem(), answer.first_error().0), (problem, pointer), "{body}");
    }
    let taken = house.call(me, Method::POST, "/company").json(&json!({"name": "ACME"})).send().await;
    assert_eq!(taken.problem(), (409, "name_taken"));
    let nowhere =
        house.call(me, Method::POST, &format!("/company/{company}/move")).json(&json!({})).send().await;
    assert_eq!(
        (nowhere.problem(), nowhere.first_error()),
        ((422, "validation_failed"), ("/parent_id", "required"))
    );
    let status = house
        .call(me, Method::PATCH, &format!("/company/{company}"))
        .json(&json!({"status": "dead"}))
        .send()
        .await;
    assert_eq!((status.status, status.first_error().0), (422, "/status"));
    for path in ["/company?parent_id=x", "/company?status=dead", "/company?sort=name", "/company?limit=0"] {
        assert_eq!(
            house.call(me, Method::GET, path).send().await.problem(),
            (400, "invalid_parameter"),
            "{path}"
        );
    }
    assert_eq!(house.call(me, Method::GET, "/company/x").send().await.problem(), (404, "not_found"));
    assert_eq!(house.call(None, Method::GET, "/company").send().await.problem(), (401, "token_missing"));
}

#[tokio::test]
async fn seeing_decides_between_denied_and_not_found() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let company = house.found(&ctx, "Acme", None).await.id;
    let path = format!("/company/{company}");
    let rights = Arc::new(FixedRights::default());
    let companies = house.companies_with(rights.clone());
    let change = async || {
        house.call(Some(&ctx), Method::PATCH, &path).with(companies.clone()).json(&json!({})).send().await
    };
    assert_eq!(change().await.problem(), (404, "not_found"));
    rights.give(COMPANY_READ, Scope::Company(company));
    assert_eq!(change().await.problem(), (403, "permission_denied"));
}
