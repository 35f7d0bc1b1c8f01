use std::sync::Arc;

use actix_web::http::Method;
use chrono::Duration;
use ouvira_common::{
    id::CompanyId,
    ports::{Activity, AuditSink as _, Changes, Outcome, SecurityEvent},
    tenant::PlacementMode,
    testing::fakes::DenyAll,
};
use serde_json::json;

use crate::support::{House, any_id};

#[tokio::test]
async fn an_activity_is_answered_whole() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.tenant.context(&house.tenant.user().await);
    let company = any_id();
    let changes = Changes::new().public("name", Some("A"), Some("B")).secret("password");
    let activity =
        Activity::new("company.updated", "company", company).company(CompanyId(company)).label("B");
    house.record(&ctx, activity.changes(changes)).await;

    let path = format!("/audit/activity-logs?object_id={company}&object_type=company&action=company.updated");
    let answer = house.call(Some(&ctx), Method::GET, &path).send().await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let log = &answer.body["items"][0];
    assert_eq!(log["actor"], json!({"type": "user", "id": ctx.principal().id, "label": null}));
    assert_eq!(log["object"], json!({"type": "company", "id": company, "label": "B"}));
    assert_eq!(log["changes"]["name"], json!({"from": "A", "to": "B", "redacted": false}));
    assert_eq!(log["changes"]["password"], json!({"from": null, "to": null, "redacted": true}));
    assert_eq!(
        (&log["ip"], &log["user_agent"], &log["via"]),
        (&json!("192.0.2.7"), &json!("tests"), &json!(null))
    );
    assert_eq!(log["request_id"], ctx.origin().request_id);

    let mine = house.call(Some(&ctx), Method::GET, "/audit/activity-logs/my?limit=1").send().await;
    assert_eq!(mine.body["items"].as_array().map(Vec::len), Some(1));
    let next = mine.body["next_cursor"].as_str().expect("reading was logged too");
    let path = format!("/audit/activity-logs/my?cursor={next}");
    assert_eq!(house.call(Some(&ctx), Method::GET, &path).send().await.body["items"], json!([log]));
    let elsewhere = format!("/audit/activity-logs?cursor={next}");
    assert_eq!(
        house.call(Some(&ctx), Method::GET, &elsewhere).send().await.problem(),
        (400, "invalid_parameter"),
        "a cursor of another list"
    );
}

#[tokio::test]
async fn filters_that_make_no_sense_and_missing_rights_are_problems() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.tenant.context(&house.tenant.user().await);
    for query in [
        "from=yesterday",
        "actor_id=me",
        "unknown=1",
        "sort=id",
        "action=nonsense",
        "action=company.created%00",
        "action=company.created&action=company.updated",
        "object_type=Company",
        "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
    ] {
        let path = format!("/audit/activity-logs?{query}");
        for accept in ["application/json", "text/csv"] {
            let call = house.call(Some(&ctx), Method::GET, &path).header("Accept", accept);
            assert_eq!(call.send().await.problem(), (400, "invalid_parameter"), "{query}");
        }
    }
    for query in [
        "event=nonsense",
        "outcome=maybe",
        "user_id=me",
        "sort=event",
        "all=perhaps",
        "from=2026-01-02T00:00:00Z&to=2026-01-02T00:00:00Z",
    ] {
        for all in ["", "&all=true"] {
            let path = format!("/audit/security-logs?{query}{all}");
            let answer = house.call(Some(&ctx), Method::GET, &path).send().await;
            assert_eq!(answer.problem(), (400, "invalid_parameter"), "{query}");
        }
    }
    let nobodys = format!("/audit/activity-logs?actor_id={0}&object_id={0}&company_id={0}", any_id());
    assert_eq!(house.call(Some(&ctx), Method::GET, &nobodys).send().await.body["items"], json!([]));
    let audit = house.audit_with(Arc::new(DenyAll));
    for path in ["/audit/activity-logs", "/audit/security-logs?all=true"] {
        let answer = house.call(Some(&ctx), Method::GET, path).with(audit.clone()).send().await;
        assert_eq!(answer.problem(), (403, "permission_denied"), "{path}");
        assert_eq!(house.call(None, Method::GET, path).send().await.problem(), (401, "token_missing"));
    }
    for path in ["/audit/activity-logs/my", "/audit/security-logs", "/audit/notifications"] {
        let answer = house.call(Some(&ctx), Method::GET, path).with(audit.clone()).send().await;
        assert_eq!(answer.status, 200, "{path}");
    }
}

#[tokio::test]
async fn security_events_are_answered() {
    let house = House::new(PlacementMode::Shared).await;
    let user = house.tenant.user().await;
    let ctx = house.tenant.context(&user);
    let event = SecurityEvent {
        event: "login.failed",
        outcome: Outcome::Failure,
        user: Some(user.id),
        details: json!({"factor": "password"}),
    };
    house.in_transaction(&house.tenant.open(), |tx| house.recorder.security(tx, event.clone())).await;
    for path in ["/audit/security-logs", "/audit/security-logs?all=true"] {
        let log = house.call(Some(&ctx), Method::GET, path).send().await.body["items"][0].clone();
        assert_eq!((&log["event"], &log["outcome"]), (&json!("login.failed"), &json!("failure")), "{path}");
        assert_eq!((&log["user_id"], &log["details"]), (&json!(user.id), &json!({"factor": "password"})));
        assert_eq!(log["via"], json!({"type": "open", "id": null}));
    }
}

#[tokio::test]
async fn logs_are_read_from_either_end_page_by_page() {
    let house = House::new(PlacementMode::Shared).await;
    let user = house.tenant.user().await;
    let begun = house.tenant.now();
    let event = |event, outcome| SecurityEvent { event, outcome, user: Some(user.id), details: json!({}) };
    for _ in 0..3 {
        let ctx = house.tenant.context(&user);
        house.record(&ctx, Activity::new("company.created", "company", any_id())).await;
        house
            .in_transaction(&ctx, |tx| {
                house.recorder.security(tx, event("login.failed", Outcome::Failure));
                house.recorder.security(tx, event("login.succeeded", Outcome::Success));
            })
            .await;
        house.tenant.clock().advance(Duration::seconds(1));
    }
    let ctx = house.tenant.context(&user);
    let ids = async |path: String| {
        let (mut ids, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = house.call(Some(&ctx), Method::GET, &format!("{path}{cursor}")).send().await;
            assert_eq!(page.status, 200, "{path}: {}", page.text);
            ids.extend(page.body["items"].as_array().unwrap().iter().map(|item| item["id"].clone()));
            match page.body["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return ids,
            }
        }
    };
    for (path, count) in [
        ("/audit/activity-logs?action=company.created", 3),
        ("/audit/security-logs?event=login.failed", 3),
        ("/audit/security-logs?outcome=success", 3),
        ("/audit/security-logs?all=true", 6),
        ("/audit/security-logs?all=true&event=login.failed&outcome=success", 0),
    ] {
        let newest = ids(format!("{path}&limit=2")).await;
        let mut oldest = ids(format!("{path}&limit=2&sort=at")).await;
        oldest.reverse();
        assert_eq!((newest.len(), &newest), (count, &oldest), "{path}");
    }
    let since = (begun + Duration::seconds(2)).format("%Y-%m-%dT%H:%M:%S%.6fZ");
    assert_eq!(ids(format!("/audit/security-logs?from={since}&limit=2")).await.len(), 2);
    let others = format!("/audit/security-logs?user_id={}&limit=2", any_id());
    assert!(ids(others.clone()).await.is_empty() && ids(format!("{others}&all=true")).await.is_empty());
}

#[tokio::test]
async fn an_export_is_a_file() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.tenant.context(&house.tenant.user().await);
    house.record(&ctx, Activity::new("company.created", "company", any_id())).await;
    let path = "/audit/activity-logs?action=company.created";
    for (accept, content_type, name) in [
        ("text/csv", "text/csv; charset=utf-8", "activity-logs.csv"),
        ("application/x-ndjson;q=0.9, */*;q=0.1", "application/x-ndjson", "activity-logs.ndjson"),
    ] {
        let answer = house.call(Some(&ctx), Method::GET, path).header("Accept", accept).send().await;
        assert_eq!((answer.status, answer.header("content-type")), (200, content_type));
        assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{name}\""));
        assert!(answer.text.contains("company.created"));
    }
    let audit = house.audit_with(Arc::new(DenyAll));
    let refused =
        house.call(Some(&ctx), Method::GET, path).with(audit).header("Accept", "text/csv").send().await;
    assert_eq!(refused.problem(), (403, "permission_denied"));
}
