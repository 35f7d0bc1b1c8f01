//! The record through the real binary: sealed by the worker, proven over HTTP, verified on the command line.

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};
use ouvira_common::db::{Endpoint, connect};
use ouvira_embedded_postgres::EmbeddedPostgres;
use serde_json::{Value, json};

use crate::service::{Client, Service, Tenant, ouvira, run};

/// Sealing every second.
const OFTEN: (&str, &str) = ("SCHEDULES", "logs.seal=* * * * * *");

/// As whoever owns the database.
async fn owner(dir: &Path, database: &str) -> AsyncPgConnection {
    let running = EmbeddedPostgres::running(dir.join("postgres")).expect("the service's own Postgres runs");
    connect(&Endpoint::parse(&running.url("ouvira_owner", database)).unwrap(), None).await.unwrap()
}

/// The proof of a row, once it is there.
pub async fn proof(client: &Client, row: &Value) -> Value {
    let path = format!("/audit/activity-logs/{}/proof", row["id"].as_str().unwrap());
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let answer = client.get(&path).await;
        if answer.status == 202 {
            assert!(answer.headers.contains_key("retry-after"));
            assert!(answer.body["available_at"].is_string(), "{}", answer.body);
        } else {
            let proof = answer.expect(200);
            if !proof["checkpoint"]["installation"].is_null() {
                return proof;
            }
        }
        assert!(Instant::now() < deadline, "it is not sealed:\n{}", client.service().log());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn verify(service: &Service, arguments: &[&str]) -> Result<Value, Value> {
    let mut command = ouvira(service.data_dir());
    let output = command.args(["audit", "verify", "--json"]).args(arguments).output().unwrap();
    let said = if output.status.success() { &output.stdout } else { &output.stderr };
    let said: Value =
        serde_json::from_slice(said).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(said)));
    if output.status.success() { Ok(said) } else { Err(said) }
}

async fn company(client: &Client, name: &str) -> Value {
    let company = client.post("/company", json!({"name": name})).await.expect(201);
    let path = format!("/audit/activity-logs?object_id={}", company["id"].as_str().unwrap());
    client.get(&path).await.expect(200)["items"][0].clone()
}

#[tokio::test]
async fn a_record_is_sealed_proven_exported_and_verified_in_every_placement() {
    let service = Arc::new(Service::start(&[OFTEN]).await);
    for placement in ["shared", "schema", "database"] {
        let tenant: Tenant = service.tenant(placement);
        let client = tenant.owner().await;
        let first = company(&client, "First").await;
        let early = proof(&client, &first).await;
        assert_eq!(early["document"]["action"], "company.created");
        assert_eq!(early["leaf"]["row_id"], first["id"]);
        let second = company(&client, "Second").await;
        let late = proof(&client, &second).await;

        let checkpoints = client.get("/audit/checkpoints").await.expect(200);
        let newest = &checkpoints["items"][0];
        assert!(newest["installation"]["note"].as_str().unwrap().contains("\n— "), "{newest}");
        let size = |proof: &Value| proof["checkpoint"]["size"].as_u64().unwrap();
        let range = format!("/audit/consistency?from={}&to={}", size(&early), size(&late));
        let consistency = client.get(&range).await.expect(200);
        assert_eq!(consistency["from"]["root"], early["checkpoint"]["root"]);
        assert_eq!(consistency["to"]["root"], late["checkpoint"]["root"]);
        assert_eq!(client.get("/audit/consistency?from=2&to=1").await.problem(400), "invalid_parameter");
        assert_eq!(
            client.get("/audit/consistency?from=1&to=99999999").await.problem(400),
            "invalid_parameter"
        );

        let verified = verify(&service, &["--tenant", &tenant.slug]).unwrap();
        assert_eq!(verified["outside"], true, "DATA_DIR/checkpoints is looked at: {verified}");
        assert!(
            verified["signed"].as_u64().unwrap() >= 1 && verified["rows"].as_u64().unwrap() > 2,
            "{verified}"
        );

        let request = client.request("GET", "/audit/activity-logs").header("Accept", "application/x-ndjson");
        let export = request.send().await.unwrap().text().await.unwrap();
        let file = service.data_dir().join(format!("{placement}.jsonl"));
        fs::write(&file, &export).unwrap();
        let (export_path, outside) = (file.to_str().unwrap(), service.data_dir().join("checkpoints"));
        let against = ["--export", export_path, "--checkpoint", outside.to_str().unwrap()];
        let verified = verify(&service, &against).unwrap();
        assert_eq!((&verified["complete"], &verified["outside"]), (&json!(true), &json!(true)), "{verified}");
        fs::write(&file, export.replace("\"First\"", "\"Worst\"")).unwrap();
        let fault = verify(&service, &against).unwrap_err();
        assert_eq!(fault["code"], "record_tampered", "{fault}");

        // The database's owner changes what was sealed.
        let id = tenant.made["id"].as_str().unwrap().replace('-', "");
        let (database, schema) = match placement {
            "shared" => ("ouvira".to_owned(), "ouvira_shared".to_owned()),
            "schema" => ("ouvira".to_owned(), format!("t_{id}")),
            _ => (format!("ouvira_t_{id}"), "ouvira_shared".to_owned()),
        };
        let row = second["id"].as_str().unwrap();
        let tamper = format!(
            "BEGIN; SET LOCAL app.maintenance TO 'on'; \
             UPDATE {schema}.activity_log SET action = 'company.deleted' WHERE id = '{row}'; COMMIT"
        );
        owner(service.data_dir(), &database).await.batch_execute(&tamper).await.unwrap();
        let fault = verify(&service, &["--tenant", &tenant.slug]).unwrap_err();
        assert_eq!(fault["code"], "record_tampered");
        assert!(fault["detail"].as_str().unwrap().contains(row), "the row is named: {fault}");
    }
    let mut migrate = ouvira(service.data_dir());
    assert_eq!(
        run(migrate.args(["rls", "check", "--json"]))["faults"],
        json!([]),
        "partitions have walls too"
    );
}
