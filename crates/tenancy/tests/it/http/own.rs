use std::sync::Arc;

use actix_web::http::Method;
use ouvira_common::{tenant::PlacementMode, testing::fakes::DenyAll};
use serde_json::json;
use uuid::Uuid;

use crate::support::Platform;

#[actix_web::test]
async fn people_see_their_own_tenant_and_no_other() {
    let platform = Platform::new().await;
    for mode in PlacementMode::ALL {
        let slug = format!("acme-{}", mode.as_str());
        let tenant = platform.tenant(&slug, mode).await;
        let ctx = platform.signed_in(&slug).await;
        let read = platform.call(Method::GET, &format!("/tenants/{}", tenant.id)).by(&ctx).send().await;
        assert_eq!((read.status, read.header("etag")), (200, "\"1\""), "{read:?}");
        assert_eq!(read.body["slug"], json!(slug));
        assert_eq!(read.body["status"], "active");
        assert_eq!(read.body["placement"], json!({"mode": mode.as_str()}));
        assert_eq!(read.body["domains"], json!([]));
        assert_eq!(read.body["settings"]["signup"], "open");
        assert_eq!(read.body["version"], 1);

        let list = platform.call(Method::GET, "/tenants?count=true").by(&ctx).send().await;
        assert_eq!(list.body, json!({"items": [read.body], "next_cursor": null, "total": 1}));
    }
    let ctx = platform.signed_in("acme-shared").await;
    let other = platform.resolve("acme-schema").await.id;
    for id in [other.to_string(), Uuid::max().to_string(), "x".to_owned()] {
        let foreign = platform.call(Method::GET, &format!("/tenants/{id}")).by(&ctx).send().await;
        assert_eq!(foreign.problem(), (404, "not_found"));
    }
    assert_eq!(platform.call(Method::GET, "/tenants").send().await.problem(), (400, "tenant_required"));
    let stranger = platform.call(Method::GET, "/tenants").header("X-Tenant", "acme-shared").send().await;
    assert_eq!(stranger.problem(), (401, "token_missing"));
    let odd = platform.call(Method::GET, "/tenants?slug=x").by(&ctx).send().await;
    assert_eq!(odd.problem(), (400, "invalid_parameter"));
}

#[actix_web::test]
async fn settings_are_read_replaced_and_patched() {
    let platform = Platform::new().await;
    for mode in PlacementMode::ALL {
        let slug = format!("acme-{}", mode.as_str());
        let tenant = platform.tenant(&slug, mode).await;
        let ctx = platform.signed_in(&slug).await;
        let path = format!("/tenants/{}/settings", tenant.id);
        let read = platform.call(Method::GET, &path).by(&ctx).send().await;
        assert_eq!((read.status, read.header("etag")), (200, "\"1\""), "{read:?}");

        // What was read can be edited and sent back.
        let mut edited = read.body.clone();
        edited["timezone"] = json!("Europe/Paris");
        edited["password_min_length"] = json!(12);
        let put =
            platform.call(Method::PUT, &path).by(&ctx).header("If-Match", "\"1\"").json(&edited).send().await;
        assert_eq!(
            (put.status, put.header("etag"), &put.body["password_min_length"]),
            (200, "\"2\"", &json!(12))
        );
        let stale =
            platform.call(Method::PUT, &path).by(&ctx).header("If-Match", "\"1\"").json(&edited).send().await;
        assert_eq!(stale.problem(), (412, "version_mismatch"));

        let change = json!({"timezone": null, "signup": "invitation"});
        let patched = platform.call(Method::PATCH, &path).by(&ctx).json(&change).send().await;
        assert_eq!((patched.status, &patched.body["timezone"]), (200, &json!("UTC")));
        assert_eq!(
            (&patched.body["signup"], &patched.body["password_min_length"]),
            (&json!("invitation"), &json!(12))
        );
        let default = platform.call(Method::PUT, &path).by(&ctx).json(&json!({})).send().await;
        assert_eq!(
            (&default.body["signup"], &default.body["password_min_length"]),
            (&json!("open"), &json!(8))
        );
    }
}

#[actix_web::test]
async fn odd_settings_are_answered_with_a_problem() {
    let platform = Platform::new().await;
    let tenant = platform.tenant("acme", PlacementMode::Shared).await;
    let other = platform.tenant("other", PlacementMode::Shared).await;
    let ctx = platform.signed_in("acme").await;
    let path = format!("/tenants/{}/settings", tenant.id);
    for (body, problem, pointer) in [
        (json!({"timezone": "Mars"}), (422, "validation_failed"), "/timezone"),
        (json!({"password_min_length": 300}), (422, "validation_failed"), "/password_min_length"),
        (json!({"audit_retention_days": 30}), (422, "validation_failed"), "/audit_retention_days"),
        (json!({"session_idle_minutes": -1}), (422, "validation_failed"), "/session_idle_minutes"),
        (json!({"session_absolute_minutes": 10}), (422, "validation_failed"), "/session_idle_minutes"),
        (json!({"signup": "by pigeon"}), (422, "validation_failed"), "/signup"),
        (json!({"locale": "tlh"}), (422, "validation_failed"), "/locale"),
        (json!({"colour": "red"}), (422, "unknown_field"), "/colour"),
    ] {
        let answer = platform.call(Method::PATCH, &path).by(&ctx).json(&body).send().await;
        assert_eq!((answer.problem(), answer.first_error().0), (problem, pointer), "{body}");
    }
    let change = json!({"signup": "closed"});
    let denied = platform
        .call(Method::PATCH, &path)
        .by(&ctx)
        .with(platform.tenancy(Arc::new(DenyAll)))
        .json(&change)
        .send()
        .await;
    assert_eq!(denied.problem(), (403, "permission_denied"));
    let foreign = format!("/tenants/{}/settings", other.id);
    let foreign = platform.call(Method::PATCH, &foreign).by(&ctx).json(&change).send().await;
    assert_eq!(foreign.problem(), (404, "not_found"));
}
