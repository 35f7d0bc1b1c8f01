//! Production: named databases, one role for each task, and nothing weak.

use std::{
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use diesel_async::SimpleAsyncConnection as _;
use ouvira_common::db::{Endpoint, connect};
use ouvira_embedded_postgres::{EmbeddedPostgres, Options};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    operators::code,
    service::{PASSWORD, Service, ouvira, run},
};

/// A Postgres as an operator would have it.
pub struct Server {
    postgres: EmbeddedPostgres,
    dir: TempDir,
}

impl Server {
    pub fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
        let mut options = Options::new(dir.path().join("server"));
        options.bootstrap_sql = ouvira_tenancy::bootstrap_statements();
        options.bootstrap_sql.push("CREATE ROLE mighty LOGIN BYPASSRLS IN ROLE ouvira_app".to_owned());
        options.bootstrap_sql.push("GRANT CONNECT ON DATABASE ouvira TO mighty".to_owned());
        options.login_roles = ouvira_tenancy::LOGIN_ROLES.map(str::to_owned).to_vec();
        options.login_roles.push("mighty".to_owned());
        options.durable = false;
        Self { postgres: EmbeddedPostgres::start(&options).unwrap(), dir }
    }

    pub fn url(&self, role: &str) -> String {
        self.postgres.url(role, "ouvira")
    }

    /// Everything that production asks for, for `serve` as `role`.
    fn variables(&self, role: &str) -> Vec<(&'static str, String)> {
        let text = str::to_owned;
        vec![
            ("OUVIRA_ENV", text("production")),
            ("DATABASE_URL", self.url(role)),
            ("DATABASE_CONTROL_URL", self.url("ouvira_control")),
            ("SECRET_KEY", text("5fC1wQ0o9mWc2d8Zb7nT4xVrLkYpHsGe")),
            ("ENCRYPTION_KEYS", text("a:6J0mVb8k4Qm3uYzF2sWqPp0d9RrTtYyUuIiOoPpAaSs=")),
            ("ALLOWED_HOSTS", text("127.0.0.1,localhost")),
            ("CORS_ALLOWED_ORIGINS", text("https://app.example.com")),
            ("PUBLIC_URL", text("https://api.example.com")),
            ("APP_URL", text("https://app.example.com")),
            ("TRUSTED_PROXIES", text("127.0.0.0/8")),
            ("SMTP_URL", text("smtp://127.0.0.1:2525")),
            ("MAIL_FROM", text("Ouvira <no-reply@example.com>")),
            ("TWILIO_ACCOUNT_SID", text("AC00000000000000000000000000000000")),
            ("TWILIO_AUTH_TOKEN", text("0123456789abcdef0123456789abcdef")),
            ("TWILIO_FROM", text("+15005550006")),
            ("RATE_LIMITS", text("on")),
        ]
    }

    pub fn command(&self, dir: &Path, role: &str) -> Command {
        let mut command = ouvira(dir);
        command.envs(self.variables(role));
        command
    }
}

#[tokio::test]
async fn production_serves_as_a_role_that_owns_nothing_and_as_no_other() {
    let server = Server::start();
    let dir = tempfile::tempdir().unwrap();
    let owner = server.url("ouvira_owner");
    let migrated = run(server
        .command(dir.path(), "ouvira_app")
        .args(["migrate", "--json"])
        .env("DATABASE_OWNER_URL", &owner));
    assert_ne!(migrated["applied"], json!([]));

    for powerful in ["ouvira_owner", "mighty"] {
        let output = server.command(dir.path(), powerful).arg("serve").output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{powerful} may not serve:\n{said}");
        assert!(said.contains(powerful), "{said}");
    }
    let with_owner = server
        .command(dir.path(), "ouvira_app")
        .arg("serve")
        .env("DATABASE_OWNER_URL", &owner)
        .output()
        .unwrap();
    assert!(!with_owner.status.success());
    assert!(String::from_utf8(with_owner.stderr).unwrap().contains("DATABASE_OWNER_URL"));

    let variables = server.variables("ouvira_app");
    let variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let service = Service::start(&variables).await;
    assert_eq!(service.send(service.request("GET", "/dev/messages")).await.problem(404), "not_found");
    let keys = service.send(service.request("GET", "/.well-known/jwks.json")).await.expect(200);
    assert_eq!(keys["keys"][0]["crv"], "Ed25519");
    let answer = service.send(service.request("GET", "/timezone")).await;
    assert_eq!(answer.headers["strict-transport-security"], "max-age=31536000");
    assert!(answer.headers.contains_key("ratelimit-policy"));
    let elsewhere = service.request("GET", "/timezone").header("Host", "evil.example");
    assert_eq!(service.send(elsewhere).await.problem(400), "host_not_allowed");
    drop(service);
    drop(server.dir);
}

#[tokio::test]
async fn a_deployment_for_one_tenant_needs_no_header() {
    let service = std::sync::Arc::new(Service::start(&[("DEFAULT_TENANT", "demo")]).await);
    service.send(service.request("GET", "/auth/config")).await.expect(200);
    let elsewhere = service.request("GET", "/auth/config").header("X-Tenant", "another");
    assert_eq!(service.send(elsewhere).await.problem(404), "tenant_not_found");
}

/// What a command says with `--json` when it fails.
fn refusal(command: &mut Command) -> Value {
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{command:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    let last = said.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|_| panic!("{command:?}: {said}"))
}

#[test]
fn a_database_that_is_not_migrated_says_so() {
    let server = Server::start();
    let dir = tempfile::tempdir().unwrap();
    let owner = server.url("ouvira_owner");
    let worker = server.url("ouvira_worker");
    let command = |arguments: &[&str]| {
        let mut command = server.command(dir.path(), "ouvira_app");
        command.args(arguments).arg("--json");
        command
    };
    assert_eq!(refusal(&mut command(&["serve"]))["code"], "not_migrated");
    for arguments in [
        &["migrate", "--status"][..],
        &["tenant", "list"],
        &["tenant", "create", "--slug", "acme", "--name", "Acme"],
        &["operator", "list"],
        &["keys", "list"],
        &["worker"],
    ] {
        let mut command = command(arguments);
        let refused = refusal(command.env("DATABASE_OWNER_URL", &owner).env("DATABASE_WORKER_URL", &worker));
        assert_eq!(refused["code"], "not_migrated", "{arguments:?}");
        assert!(refused["detail"].as_str().unwrap().contains("ouvira migrate"), "{refused}");
    }
}

/// A release that was not migrated to, or half: whoever starts is told what is missing, and what to do.
#[tokio::test]
async fn a_database_behind_this_release_says_so() {
    let server = Server::start();
    let dir = tempfile::tempdir().unwrap();
    let (owner, worker) = (server.url("ouvira_owner"), server.url("ouvira_worker"));
    let migrate = || {
        let mut migrate = server.command(dir.path(), "ouvira_app");
        run(migrate.args(["migrate", "--json"]).env("DATABASE_OWNER_URL", &owner));
    };
    let sql = async |statements: &str| {
        let mut conn = connect(&Endpoint::parse(&owner).unwrap(), None).await.unwrap();
        conn.batch_execute(statements).await.unwrap();
    };
    migrate();
    for (place, version, gone) in [
        ("ouvira_shared", "20261120000400_company", ""),
        ("ouvira_core", "20261120001205_outbox_lanes", ""),
        // Since then a database can be asked.
        (
            "ouvira_catalog",
            "20261120002600_workers",
            "; DROP FUNCTION ouvira_catalog.applied_versions(); DROP VIEW ouvira_catalog.background; \
             DROP TABLE ouvira_catalog.workers",
        ),
    ] {
        sql(&format!("DELETE FROM {place}.schema_migrations WHERE version = '{version}'{gone}")).await;
        for arguments in [&["serve"][..], &["worker"], &["keys", "list"]] {
            let mut command = server.command(dir.path(), "ouvira_app");
            command.args(arguments).arg("--json");
            if arguments != ["serve"] {
                command.env("DATABASE_OWNER_URL", &owner).env("DATABASE_WORKER_URL", &worker);
            }
            let refused = refusal(&mut command);
            assert_eq!(refused["code"], "behind_this_release", "{arguments:?}: {refused}");
            let detail = refused["detail"].as_str().unwrap();
            assert!(detail.contains("ouvira migrate"), "{refused}");
            assert!(detail.contains(&format!("{place} {version}")), "{refused}");
        }
        if gone.is_empty() {
            // Its tables are there: only the ledger was cut.
            sql(&format!("INSERT INTO {place}.schema_migrations (version) VALUES ('{version}')")).await;
        }
    }
    migrate();
    let mut command = server.command(dir.path(), "ouvira_app");
    run(command
        .args(["keys", "list", "--json"])
        .env("DATABASE_OWNER_URL", &owner)
        .env("DATABASE_WORKER_URL", &worker));
}

#[test]
fn migrating_needs_no_keys_and_makes_none() {
    let server = Server::start();
    let dir = tempfile::tempdir().unwrap();
    let mut command = ouvira(dir.path());
    command.env("OUVIRA_ENV", "production").env("DATABASE_OWNER_URL", server.url("ouvira_owner"));
    run(command.args(["migrate", "--json"]));
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn operators_need_a_second_factor_in_production() {
    let server = Server::start();
    let dir = tempfile::tempdir().unwrap();
    let owner = server.url("ouvira_owner");
    let mut migrate = server.command(dir.path(), "ouvira_app");
    run(migrate.args(["migrate", "--json"]).env("DATABASE_OWNER_URL", &owner));
    let mut create = server.command(dir.path(), "ouvira_app");
    let made = ["operator", "create", "--json", "--email", "root@example.com", "--password", PASSWORD];
    run(create.args(made).env("DATABASE_OWNER_URL", &owner));

    let variables = server.variables("ouvira_app");
    let variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let service = Service::start(&variables).await;
    let post = async |token: &str, path: &str, body: Value| {
        service.send(service.request("POST", path).bearer_auth(token).json(&body)).await
    };
    let tenants =
        async |token: &str| service.send(service.request("GET", "/tenants").bearer_auth(token)).await;
    let credentials = json!({"identifier": "root@example.com", "password": PASSWORD});
    let login = post("", "/auth/operator/login", credentials.clone()).await.expect(200);
    assert_eq!(login["status"], "two_factor_setup_required", "{login}");
    let token = login["access_token"].as_str().unwrap();
    assert_eq!(tenants(token).await.problem(403), "two_factor_required");
    let grant = json!({"tenant_id": made_up_id(), "reason": "Ticket 7", "minutes": 5});
    assert_eq!(post(token, "/auth/operator/grants", grant).await.problem(403), "two_factor_required");

    let enabled = post(token, "/auth/operator/2fa/enable", json!({"password": PASSWORD})).await.expect(200);
    let secret = enabled["secret"].as_str().unwrap();
    let confirm = json!({"code": code(secret, -30)});
    post(token, "/auth/operator/2fa/confirm", confirm).await.expect(200);
    assert_eq!(tenants(token).await.problem(403), "two_factor_required", "until the next refresh");
    let refresh = json!({"refresh_token": login["refresh_token"]});
    let pair = post("", "/auth/operator/token/refresh", refresh).await.expect(200);
    let answer = tenants(pair["access_token"].as_str().unwrap()).await;
    assert!(
        answer.headers["ratelimit-policy"].to_str().unwrap().contains("\"user\""),
        "counted as somebody signed in: {:?}",
        answer.headers
    );
    answer.expect(200);

    let login = post("", "/auth/operator/login", credentials.clone()).await.expect(200);
    let body = json!({"challenge_id": login["challenge_id"], "code": code(secret, 0)});
    let login = post("", "/auth/operator/login/2fa/totp", body).await.expect(200);
    assert_eq!(login["status"], "authenticated");
    for _ in 0..3 {
        post("", "/auth/operator/login", credentials.clone()).await.expect(200);
    }
    assert_eq!(post("", "/auth/operator/login", credentials).await.problem(429), "rate_limited");
}

fn made_up_id() -> &'static str {
    "01890a5d-ac96-774b-bcce-b302099a8057"
}

#[tokio::test]
async fn a_node_without_the_keys_that_wrapped_is_not_ready() {
    let server = Server::start();
    let dir = tempfile::tempdir().unwrap();
    let mut migrate = server.command(dir.path(), "ouvira_app");
    run(migrate.args(["migrate", "--json"]).env("DATABASE_OWNER_URL", server.url("ouvira_owner")));
    let variables = server.variables("ouvira_app");
    let variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    // The first start makes a signing key.
    drop(Service::start(&variables).await);

    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut node = server
        .command(dir.path(), "ouvira_app")
        .arg("serve")
        .env("BIND_ADDRESS", format!("127.0.0.1:{port}"))
        .env("ENCRYPTION_KEYS", "b:9K0mVb8k4Qm3uYzF2sWqPp0d9RrTtYyUuIiOoPpAaSs=")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    let status = async |path: &str| {
        let answer = reqwest::get(format!("http://127.0.0.1:{port}{path}")).await;
        answer.map(|answer| answer.status().as_u16()).unwrap_or_default()
    };
    while status("/health").await != 200 {
        assert!(Instant::now() < deadline, "the node does not live");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(status("/health/ready").await, 503);
    node.kill().unwrap();
    node.wait().unwrap();
}
