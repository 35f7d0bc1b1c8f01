//! What `/health/ready` says of what a node can do without.

use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::service::Service;

/// The status of one check.
fn status(view: &Value, name: &str) -> String {
    let checks = view["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == name);
    check.unwrap_or_else(|| panic!("{name}: {view}"))["status"].as_str().unwrap().to_owned()
}

/// Asks until one check says this; readiness as a whole is then `ok` or `degraded`, and 200.
async fn until(service: &Service, name: &str, wanted: &str) -> Value {
    let deadline = Instant::now() + Duration::from_mins(2);
    loop {
        let view = service.send(service.request("GET", "/health/ready")).await.expect(200);
        if status(&view, name) == wanted {
            return view;
        }
        assert!(Instant::now() < deadline, "{name} is not {wanted}: {view}\n{}", service.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A placement that lacks what this release brings: readiness says so, and its tenants are served on.
#[tokio::test]
async fn readiness_names_placements_that_are_behind() {
    let service = Arc::new(Service::start(&[]).await);
    let tenant = service.tenant("schema");
    until(&service, "migrations", "ok").await;
    let older = format!(
        "UPDATE ouvira_catalog.placements SET history = 'older' WHERE tenant_id = '{}'",
        tenant.made["id"].as_str().unwrap()
    );
    service.owner_sql(&older).await;
    assert_eq!(until(&service, "migrations", "behind").await["status"], "degraded");
    tenant.owner().await.get("/me").await.expect(200);
}

/// A worker that lives, that was not seen for a while, and that leaves events lying.
#[tokio::test]
async fn readiness_names_a_worker_that_is_gone_or_late() {
    let service = Arc::new(Service::start(&[]).await);
    let tenant = service.tenant("shared");
    assert_eq!(until(&service, "worker", "ok").await["status"], "ok");
    // It tells that it lives every few seconds: as often as we hide it, until it is asked in between.
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        service.owner_sql("DELETE FROM ouvira_catalog.workers").await;
        let view = service.send(service.request("GET", "/health/ready")).await.expect(200);
        if status(&view, "worker") == "unavailable" {
            assert_eq!(view["status"], "degraded");
            break;
        }
        assert!(Instant::now() < deadline, "{view}");
    }
    until(&service, "worker", "ok").await;

    // It lives, and yet nothing is taken up.
    let left = format!(
        "REVOKE SELECT ON ouvira_core.outbox FROM ouvira_worker; \
         INSERT INTO ouvira_core.outbox (id, tenant_id, topic, payload, available_at) \
         VALUES (gen_random_uuid(), '{}', 'nobody.cares.v1', '{{}}', now() - interval '6 minutes')",
        tenant.made["id"].as_str().unwrap()
    );
    service.owner_sql(&left).await;
    assert_eq!(until(&service, "worker", "behind").await["status"], "degraded");
    tenant.owner().await.get("/me").await.expect(200);
    service.owner_sql("GRANT SELECT ON ouvira_core.outbox TO ouvira_worker").await;
    until(&service, "worker", "ok").await;
}

/// The place for checkpoints cannot be written: readiness says so, and again when it can.
#[tokio::test]
async fn readiness_names_storage_that_takes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("checkpoints");
    fs::write(&place, "a file where a directory should be").unwrap();
    let service = Arc::new(
        Service::start(&[
            ("AUDIT_CHECKPOINT_DIR", place.to_str().unwrap()),
            ("SCHEDULES", "logs.seal=* * * * * *"),
        ])
        .await,
    );
    let owner = service.tenant("shared").owner().await;
    owner.post("/company", json!({"name": "Sealed"})).await.expect(201);
    assert_eq!(until(&service, "storage", "unavailable").await["status"], "degraded");
    owner.get("/company").await.expect(200);
    fs::remove_file(&place).unwrap();
    until(&service, "storage", "ok").await;
    assert!(place.join("checkpoint").exists());
}
