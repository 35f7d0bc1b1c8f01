//! Checkpoints of the record in a bucket: kept there by the worker, read from there by whoever verifies.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    object_store::ObjectStore,
    record::proof,
    service::{Service, Tenant, ouvira},
};

/// Everything it takes to keep checkpoints in `records/ouvira` of that store, sealing every second.
fn variables(store: &ObjectStore) -> Vec<(&'static str, String)> {
    [
        ("AUDIT_CHECKPOINT_S3_URL", "s3://records/ouvira".to_owned()),
        ("AUDIT_CHECKPOINT_S3_REGION", "eu-west-3".to_owned()),
        ("AUDIT_CHECKPOINT_S3_ENDPOINT", store.endpoint()),
        ("AUDIT_CHECKPOINT_S3_ACCESS_KEY_ID", "ouvira".to_owned()),
        ("AUDIT_CHECKPOINT_S3_SECRET_ACCESS_KEY", "not told to anybody".to_owned()),
        ("SCHEDULES", "logs.seal=* * * * * *".to_owned()),
    ]
    .into()
}

/// What `ouvira audit verify` says with these arguments: its answer, or the fault.
fn verify(service: &Service, variables: &[(&str, String)], arguments: &[&str]) -> Result<Value, Value> {
    let mut command = ouvira(service.data_dir());
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    let output = command.args(["audit", "verify", "--json"]).args(arguments).output().unwrap();
    let said = if output.status.success() { output.stdout } else { output.stderr };
    let text = String::from_utf8(said).unwrap();
    let last = text.lines().last().unwrap_or_default();
    let value = serde_json::from_str(last).unwrap_or_else(|_| panic!("{text}"));
    if output.status.success() { Ok(value) } else { Err(value) }
}

#[tokio::test]
async fn checkpoints_in_a_bucket_find_what_the_database_has_forgotten() {
    let Some(store) = ObjectStore::with_bucket("records").await else { return };
    let variables = variables(&store);
    let borrowed: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let service = Arc::new(Service::start(&borrowed).await);
    let tenants: Vec<Tenant> = ["shared", "schema", "database"].map(|p| service.tenant(p)).into();
    for tenant in &tenants {
        let owner = tenant.owner().await;
        owner.post("/company", json!({"name": "Sealed"})).await.expect(201);
        let rows = owner.get("/audit/activity-logs?action=company.created").await.expect(200);
        proof(&owner, &rows["items"][0]).await;
        let verified = verify(&service, &variables, &["--tenant", &tenant.slug]).unwrap();
        assert_eq!(verified["outside"], true, "the bucket is looked at: {verified}");
        let named = ["--tenant", &tenant.slug, "--checkpoint", "s3://records/ouvira"];
        assert_eq!(verify(&service, &variables, &named).unwrap()["outside"], true);

        let request = owner.request("GET", "/audit/activity-logs").header("Accept", "application/x-ndjson");
        let file = service.data_dir().join("export.jsonl");
        std::fs::write(&file, request.send().await.unwrap().bytes().await.unwrap()).unwrap();
        let offline = ["--export", file.to_str().unwrap(), "--checkpoint", "s3://records/ouvira"];
        let verified = verify(&service, &variables, &offline).unwrap();
        assert_eq!((&verified["complete"], &verified["outside"]), (&json!(true), &json!(true)), "{verified}");
    }
    assert!(!service.log().contains("not told to anybody"));
    let nowhere = ["--tenant", &tenants[0].slug, "--checkpoint", "s3://records/elsewhere"];
    assert!(
        verify(&service, &variables, &nowhere).unwrap_err()["detail"]
            .as_str()
            .unwrap()
            .contains("no checkpoint")
    );
    let known = store.read("records/ouvira/checkpoint").await.unwrap();

    // Whoever owns the database removes all that it knows of its trees. The worker goes on, and notices.
    service
        .owner_sql(
            "SET app.maintenance TO 'on'; \
             TRUNCATE ouvira_seal.leaves, ouvira_seal.nodes, ouvira_seal.checkpoints; \
             DELETE FROM ouvira_shared.audit_leaves; DELETE FROM ouvira_shared.audit_checkpoints; \
             DELETE FROM ouvira_shared.activity_log; DELETE FROM ouvira_shared.security_log",
        )
        .await;
    tenants[0].owner().await.post("/company", json!({"name": "Afterwards"})).await.expect(201);
    let deadline = Instant::now() + Duration::from_mins(1);
    while !service.log().contains("is not one of this tree") {
        assert!(Instant::now() < deadline, "the worker notices:\n{}", service.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let fault = verify(&service, &variables, &["--tenant", &tenants[0].slug]).unwrap_err();
    assert_eq!(fault["code"], "record_tampered", "{fault}");
    assert_eq!(store.read("records/ouvira/checkpoint").await.unwrap(), known, "what is outside stays");
}
