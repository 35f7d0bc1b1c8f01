//! The command line, and how the service starts and stops.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::service::{Service, ouvira, run};

#[tokio::test]
async fn tenants_are_made_listed_and_shown() {
    let service = Service::shared().await;
    let tenant = service.tenant("schema");
    let command = || ouvira(service.data_dir());
    let listed = run(command().args(["tenant", "list", "--json"]));
    let slugs: Vec<_> =
        listed["items"].as_array().unwrap().iter().map(|tenant| tenant["slug"].as_str().unwrap()).collect();
    assert!(slugs.contains(&"demo") && slugs.contains(&tenant.slug.as_str()), "{slugs:?}");
    let shown = run(command().args(["tenant", "show", "--json", "--slug", &tenant.slug]));
    assert_eq!(shown["placement"], json!({"mode": "schema"}));
    assert_eq!(shown["id"], tenant.made["id"]);

    for (arguments, code) in [
        (
            &["--slug", tenant.slug.as_str(), "--name", "Again", "--admin-email", "other@example.com"][..],
            "slug_taken",
        ),
        (&["--slug", "www", "--name", "Reserved"], "slug_reserved"),
        (&["--slug", "No Slug", "--name", "Malformed"], "validation_failed"),
    ] {
        let output = command().args(["tenant", "create", "--json"]).args(arguments).output().unwrap();
        assert!(!output.status.success());
        let problem: Value = serde_json::from_slice(&output.stderr).unwrap();
        assert_eq!(problem["code"], code, "{problem}");
    }
}

#[tokio::test]
async fn tenants_are_switched_off_and_on_and_deleted() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let owner = tenant.owner().await;
    let change = |verb: &str| {
        run(ouvira(service.data_dir()).args(["tenant", verb, "--json", "--slug", &tenant.slug]))["status"]
            .clone()
    };
    assert_eq!(change("suspend"), "suspended");
    assert_eq!(owner.get("/me").await.problem(403), "tenant_suspended");
    assert_eq!(change("suspend"), "suspended", "once more does nothing");
    assert_eq!(change("resume"), "active");
    owner.get("/me").await.expect(200);
    assert_eq!(change("delete"), "deleting");
    assert_eq!(owner.get("/me").await.problem(403), "tenant_suspended");
    let mut suspend = ouvira(service.data_dir());
    let output = suspend.args(["tenant", "suspend", "--json", "--slug", &tenant.slug]).output().unwrap();
    let problem: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(problem["code"], "conflict", "{problem}");
    assert_eq!(change("resume"), "active");
    owner.get("/me").await.expect(200);
}

#[tokio::test]
async fn an_operator_is_made_and_migrating_again_does_nothing() {
    let service = Service::shared().await;
    let command = || ouvira(service.data_dir());
    let made = run(command().args([
        "operator",
        "create",
        "--json",
        "--email",
        "root@example.com",
        "--password",
        "engine analytical 1843",
    ]));
    assert_eq!(made["email"], "root@example.com");
    assert_eq!(run(command().args(["migrate", "--json"]))["applied"], json!([]));
    let checked = run(command().args(["rls", "check", "--json"]));
    assert_eq!(checked["faults"], json!([]), "{checked}");
    let document = run(command().args(["openapi"]));
    assert!(document["paths"]["/api/v1/company"]["post"]["operationId"] == "create_company");
}

#[test]
fn every_mistake_of_a_configuration_is_named_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let output = ouvira(dir.path())
        .args(["serve"])
        .env("OUVIRA_ENV", "production")
        .env("DEBUG", "true")
        .env("SECRET_KEY", "short")
        .env("RATE_LIMITS", "off")
        .env("BIND_ADDRESS", "nowhere")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    for variable in [
        "DEBUG",
        "SECRET_KEY",
        "RATE_LIMITS",
        "BIND_ADDRESS",
        "ENCRYPTION_KEYS",
        "ALLOWED_HOSTS",
        "CORS_ALLOWED_ORIGINS",
        "PUBLIC_URL",
        "APP_URL",
        "SMTP_URL",
        "DATABASE_URL",
        "TRUSTED_PROXIES",
    ] {
        assert!(said.contains(variable), "{variable} is not named:\n{said}");
    }
}

#[tokio::test]
async fn what_was_written_outlives_a_kill_and_the_second_start_is_fast() {
    // The issuer of its tokens, on whatever port it is.
    let address = [("PUBLIC_URL", "http://localhost:8000")];
    let service = Service::start(&address).await;
    let service = std::sync::Arc::new(service);
    let tenant = service.tenant("shared");
    let owner = tenant.owner().await;
    let company = owner.post("/company", json!({"name": "Kept"})).await.expect(201);
    let gone = tenant.owner().await;
    gone.post("/auth/logout", json!({})).await.expect(204);
    let (kept, ended) = (owner.token.clone().unwrap(), gone.token.clone().unwrap());
    drop((owner, gone));
    let slug = tenant.slug.clone();
    drop(tenant);
    let dir = std::sync::Arc::into_inner(service).unwrap().end("-KILL");
    let begun = Instant::now();
    let service = std::sync::Arc::new(Service::start_in(dir, &address).await);
    assert!(begun.elapsed() < Duration::from_secs(30), "it recovers");
    let login = json!({"identifier": "owner@example.com", "password": crate::service::PASSWORD});
    let login = service
        .send(service.request("POST", "/auth/login").header("X-Tenant", &slug).json(&login))
        .await
        .expect(200);
    let path = format!("/company/{}", company["id"].as_str().unwrap());
    let request = service.request("GET", &path).header("X-Tenant", &slug);
    let read = service.send(request.bearer_auth(login["access_token"].as_str().unwrap())).await.expect(200);
    assert_eq!(read["name"], "Kept");
    // Sessions are as they were left.
    let with = async |token: &str| {
        let request = service.request("GET", "/account/profile").header("X-Tenant", &slug);
        service.send(request.bearer_auth(token)).await
    };
    with(&kept).await.expect(200);
    assert_eq!(with(&ended).await.problem(401), "token_invalid");
}
