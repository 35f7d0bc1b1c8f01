//! What the service survives: kills, a database or a Redis that goes away, clients that do, being told to stop, and two nodes
//! that are asked the same thing at once. `.ci/positive-controls` takes protections out and has these tests find it.

mod connections;
mod kills;
mod readiness;
mod redis;

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use ouvira_embedded_postgres::{EmbeddedPostgres, Options};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::service::{Client, PASSWORD, Service, ouvira, run};

/// Nodes behind one address: the issuer of the tokens that all of them take.
const PUBLIC_URL: (&str, &str) = ("PUBLIC_URL", "http://localhost:8000");

/// All items of a list, page by page.
async fn all(client: &Client, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    let joint = if path.contains('?') { '&' } else { '?' };
    loop {
        let page = client.get(&format!("{path}{joint}limit=100{cursor}")).await.expect(200);
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

/// What all of `items` have at `pointer`.
fn ids(items: &[Value], pointer: &str) -> BTreeSet<String> {
    items.iter().map(|item| item.pointer(pointer).unwrap().as_str().unwrap().to_owned()).collect()
}

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

/// What is ended at one node is refused by the other on its next request.
#[tokio::test]
async fn what_is_ended_at_one_node_is_ended_at_every_other() {
    let one = Arc::new(Service::start(&[PUBLIC_URL]).await);
    run(ouvira(one.data_dir()).args([
        "operator",
        "create",
        "--json",
        "--email",
        "ops@example.com",
        "--password",
        PASSWORD,
    ]));
    let login = json!({"identifier": "ops@example.com", "password": PASSWORD});
    let operator = one.send(one.request("POST", "/auth/operator/login").json(&login)).await.expect(200);
    let operator = operator["access_token"].as_str().unwrap().to_owned();
    // Each node keeps the messages that it sent, so people sign up while there is only one.
    let mut tenants = Vec::new();
    for placement in ["shared", "schema", "database"] {
        let tenant = one.tenant(placement);
        let owner = tenant.owner().await;
        let member = tenant.sign_up(&format!("member-{placement}@example.com")).await;
        tenants.push((placement, tenant, owner, member));
    }
    let two = Arc::new(one.another_node(&[PUBLIC_URL]).await);
    for (placement, tenant, owner, member) in tenants {
        let elsewhere = member.at(&two);
        let given = json!({"user_id": member.user_id, "role": "admin"});
        let role = owner.post("/roles/assign", given).await.expect(201);
        elsewhere.get("/account/users").await.expect(200);

        // A right.
        owner.delete(&format!("/user-roles/{}", role["id"].as_str().unwrap())).await.expect(204);
        assert_eq!(elsewhere.get("/account/users").await.problem(403), "permission_denied", "{placement}");
        elsewhere.get("/account/profile").await.expect(200);

        // A session.
        member.post("/auth/logout", json!({})).await.expect(204);
        assert_eq!(elsewhere.get("/account/profile").await.problem(401), "token_invalid", "{placement}");

        // A tenant.
        owner.at(&two).get("/me").await.expect(200);
        let suspend = format!("/tenants/{}/suspend", tenant.made["id"].as_str().unwrap());
        let suspended = one.send(one.request("POST", &suspend).bearer_auth(&operator)).await;
        assert!(suspended.status.is_success(), "{}", suspended.body);
        assert_eq!(owner.at(&two).get("/me").await.problem(403), "tenant_suspended", "{placement}");
        assert_eq!(owner.get("/me").await.problem(403), "tenant_suspended", "{placement}");
    }
}

/// The same one-time thing at two nodes at once: one winner.
#[tokio::test]
async fn a_one_time_thing_has_one_winner_among_two_nodes() {
    let one = Arc::new(Service::start(&[PUBLIC_URL]).await);
    let tenant = one.tenant("shared");
    let nobody = tenant.anonymous();
    // Each node keeps the messages that it sent, so they are read while there is only one.
    let mut checks = Vec::new();
    for number in 0..3 {
        let address = format!("newcomer-{number}@example.com");
        let challenge = nobody.post("/auth/signup", json!({"email": address})).await.expect(202);
        let code = one.message(&address, 0).await["data"]["code"].clone();
        checks.push(json!({"challenge_id": challenge["challenge_id"], "code": code}));
    }
    let two = Arc::new(one.another_node(&[PUBLIC_URL]).await);
    for check in checks {
        let verified = winner(&nobody, &two, "/auth/verify-otp", &check, 200).await;
        let finalize = json!({"signup_token": verified["signup_token"], "password": PASSWORD});
        let newcomer = tenant.client(&winner(&nobody, &two, "/auth/finalize-signup", &finalize, 201).await);
        newcomer.at(&two).get("/me").await.expect(200);
    }
}

/// Sends the same four times to each of two nodes, and gives back what the one that won was answered.
async fn winner(client: &Client, other: &Arc<Service>, path: &str, body: &Value, status: u16) -> Value {
    let there = client.at(other);
    let tries = (0..8).map(|number| if number % 2 == 0 { client } else { &there });
    let answers = join_all(tries.map(|client| client.post(path, body.clone()))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == status);
    for answer in &lost {
        assert!(answer.status.is_client_error(), "{path}: {} {}", answer.status, answer.body);
    }
    assert_eq!(won.len(), 1, "{path}: {lost:?}");
    won[0].body.clone()
}

/// SIGTERM: what is being answered is answered, nothing new is taken, and the process ends in good order and in time.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_told_to_stop_finishes_what_it_began() {
    let service = Arc::new(Service::start(&[("SHUTDOWN_GRACE", "20")]).await);
    let tenant = service.tenant("shared");
    let login = json!({"identifier": "owner@example.com", "password": PASSWORD}).to_string();
    let probe = tenant.anonymous().request("POST", "/auth/login").build().unwrap();
    let address = format!("127.0.0.1:{}", probe.url().port().unwrap());
    let head = format!(
        "POST /api/v1/auth/login HTTP/1.1\r\nhost: {address}\r\nx-tenant: {}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n",
        tenant.slug,
        login.len()
    );
    let mut begun = Vec::new();
    for _ in 0..4 {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut said = [0; 25];
        stream.read_exact(&mut said).await.unwrap();
        assert!(said.starts_with(b"HTTP/1.1 100"), "{}", String::from_utf8_lossy(&said));
        begun.push(stream);
    }
    service.signal("-TERM");
    let told = Instant::now();
    while TcpStream::connect(&address).await.is_ok() {
        assert!(told.elapsed() < Duration::from_secs(5), "it still takes requests");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for mut stream in begun {
        stream.write_all(login.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("access_token"), "{answer}");
    }
    drop(tenant);
    assert!(Arc::try_unwrap(service).ok().unwrap().ended(), "it ends in good order");
    assert!(told.elapsed() < Duration::from_secs(20), "{:?}", told.elapsed());
}
