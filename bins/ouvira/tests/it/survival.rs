//! What the service survives: a database that goes away under load, and returns.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use ouvira_embedded_postgres::{EmbeddedPostgres, Options};
use serde_json::json;

use crate::service::{PASSWORD, Service, ouvira, run};

/// A Postgres as an operator would have it, and everything it takes to serve from it in local mode.
struct Database {
    options: Options,
    postgres: Option<EmbeddedPostgres>,
    _dir: tempfile::TempDir,
}

impl Database {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
        let mut options = Options::new(dir.path().join("server"));
        options.bootstrap_sql = ouvira_tenancy::bootstrap_statements();
        options.login_roles = ouvira_tenancy::LOGIN_ROLES.map(str::to_owned).to_vec();
        let postgres = Some(EmbeddedPostgres::start(&options).unwrap());
        Self { options, postgres, _dir: dir }
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        let url = |role| self.postgres.as_ref().unwrap().url(role, "ouvira");
        vec![
            ("DATABASE_URL", url("ouvira_app")),
            ("DATABASE_CONTROL_URL", url("ouvira_control")),
            ("DATABASE_WORKER_URL", url("ouvira_worker")),
            ("DATABASE_OWNER_URL", url("ouvira_owner")),
        ]
    }
}

/// Postgres is restarted under load: 503 problem documents while it is away, service within two seconds of its return, and
/// no restart of the node.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_and_returns_costs_no_restart() {
    let mut database = Database::start();
    let variables = database.variables();
    let variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let service = Arc::new(Service::start(&variables).await);
    let made = run(ouvira(service.data_dir())
        .envs(variables.iter().copied())
        .args(["tenant", "create", "--json", "--slug", "restart", "--name", "Restart"])
        .args(["--admin-email", "owner@example.com", "--admin-password", PASSWORD]));
    assert_eq!(made["slug"], "restart");
    let owner = service.known_tenant("restart").owner().await;
    let (over, odd) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let readers: Vec<_> = (0..4)
        .map(|_| {
            let (owner, over, odd) = (owner.clone(), Arc::clone(&over), Arc::clone(&odd));
            tokio::spawn(async move {
                while !over.load(SeqCst) {
                    let answer = owner.get("/company").await;
                    match answer.status.as_u16() {
                        200 => {}
                        503 => {
                            assert!(answer.headers.contains_key("retry-after"), "{:?}", answer.headers);
                            assert_eq!(answer.problem(503), "service_unavailable");
                        }
                        _ => drop((odd.fetch_add(1, SeqCst), eprintln!("{} {}", answer.status, answer.body))),
                    }
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    drop(database.postgres.take());
    let away = owner.get("/company").await;
    assert_eq!(away.problem(503), "service_unavailable");
    assert_eq!(service.send(service.request("GET", "/health/ready")).await.status, 503);
    service.send(service.request("GET", "/health")).await.expect(200);
    tokio::time::sleep(Duration::from_secs(1)).await;
    database.postgres = Some(EmbeddedPostgres::start(&database.options).unwrap());
    let returned = Instant::now();
    while owner.get("/company").await.status != 200 {
        assert!(returned.elapsed() < Duration::from_secs(2), "not within two seconds:\n{}", service.log());
    }
    owner.post("/company", json!({"name": "Afterwards"})).await.expect(201);
    over.store(true, SeqCst);
    for reader in readers {
        reader.await.unwrap();
    }
    assert_eq!(odd.load(SeqCst), 0, "answers that were neither 200 nor 503");
}
