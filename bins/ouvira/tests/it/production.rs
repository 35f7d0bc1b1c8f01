//! Production: named databases, one role for each task, and nothing weak.

use std::{path::Path, process::Command};

use ouvira_embedded_postgres::{EmbeddedPostgres, Options};
use serde_json::json;
use tempfile::TempDir;

use crate::service::{Service, ouvira, run};

/// A Postgres as an operator would have it.
struct Server {
    postgres: EmbeddedPostgres,
    dir: TempDir,
}

impl Server {
    fn start() -> Self {
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

    fn url(&self, role: &str) -> String {
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

    fn command(&self, dir: &Path, role: &str) -> Command {
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
