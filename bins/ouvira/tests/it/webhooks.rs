//! Webhooks and the worker through the real binary, with a receiver that counts what has an effect by `webhook-id`.

use std::{
    collections::{HashMap, HashSet},
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    authenticator::Authenticator,
    service::{Client, PASSWORD, Service, Tenant, ouvira, run},
};

/// What arrived: `webhook-id`, signature and body, in order.
type Arrived = Arc<Mutex<Vec<(String, String)>>>;

/// A receiver on this machine, which answers 204.
struct Receiver {
    url: String,
    arrived: Arrived,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let arrived = Arrived::default();
        let kept = Arc::clone(&arrived);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || receive(stream, &kept));
            }
        });
        Self { url, arrived }
    }

    fn arrived(&self) -> Vec<(String, String)> {
        self.arrived.lock().unwrap().clone()
    }

    /// Effects: each `webhook-id` counts once.
    fn effects(&self) -> HashSet<String> {
        self.arrived().into_iter().map(|(id, _)| id).collect()
    }

    async fn wait_for(&self, effects: usize, service: &Service) {
        let deadline = Instant::now() + Duration::from_secs(100);
        while self.effects().len() < effects {
            assert!(Instant::now() < deadline, "{} of {effects}:\n{}", self.effects().len(), service.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn receive(mut stream: TcpStream, kept: &Arrived) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let Ok(read @ 1..) = stream.read(&mut buffer) else { return };
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let headers: HashMap<String, &str> = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value))
            .collect();
        if body.len() < headers["content-length"].parse::<usize>().unwrap() {
            continue;
        }
        kept.lock().unwrap().push((headers["webhook-id"].to_owned(), body.to_owned()));
        break;
    }
    let _ = stream.write_all(b"HTTP/1.1 204 x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
}

const LOCAL: &[(&str, &str)] = &[("WEBHOOK_ALLOW_NETWORKS", "127.0.0.0/8")];

async fn hook(owner: &Client, url: &str, events: &[&str]) -> Value {
    owner.post("/audit/webhooks", json!({"url": url, "events": events})).await.expect(201)
}

async fn found(owner: &Client, name: &str) -> String {
    owner.post("/company", json!({"name": name})).await.expect(201)["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_event_of_each_placement_reaches_its_own_webhook_and_can_be_replayed() {
    let service = Arc::new(Service::start(LOCAL).await);
    let receivers: Vec<(Tenant, Receiver, Value, String)> = {
        let mut made = Vec::new();
        for placement in ["shared", "schema", "database"] {
            let (tenant, receiver) = (service.tenant(placement), Receiver::start());
            let owner = tenant.owner().await;
            let webhook = hook(&owner, &receiver.url, &["company.created.v1"]).await;
            let company = found(&owner, placement).await;
            made.push((tenant, receiver, webhook, company));
        }
        made
    };
    for (tenant, receiver, webhook, company) in &receivers {
        receiver.wait_for(1, &service).await;
        let [(_, body)] = receiver.arrived().try_into().unwrap();
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (&body["type"], &body["data"]["company_id"]),
            (&json!("company.created.v1"), &json!(company))
        );

        let owner = tenant.owner().await;
        let path = format!("/audit/webhooks/{}/deliveries", webhook["id"].as_str().unwrap());
        let deadline = Instant::now() + Duration::from_secs(10);
        let delivery = loop {
            let delivery = owner.get(&path).await.expect(200)["items"][0].clone();
            if delivery["status"] == "succeeded" {
                break delivery;
            }
            assert!(Instant::now() < deadline, "{delivery}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert_eq!((&delivery["response_code"], &delivery["attempts"]), (&json!(204), &json!(1)));
        let replay = format!("{path}/{}/replay", delivery["id"].as_str().unwrap());
        let replayed = owner.post(&replay, json!({})).await.expect(202);
        assert_eq!(replayed["replay_of"], delivery["id"]);
        let deadline = Instant::now() + Duration::from_secs(70);
        while receiver.arrived().len() < 2 {
            assert!(Instant::now() < deadline, "it is replayed");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(receiver.effects().len(), 1, "under the same id");
    }
}

/// What concerns the security of accounts is published too: a password, a second factor, a stolen token.
#[tokio::test]
async fn what_happens_to_an_account_reaches_who_subscribed() {
    const EVENTS: [&str; 4] = [
        "user.password_changed.v1",
        "user.second_factor_enabled.v1",
        "user.second_factor_disabled.v1",
        "session.compromised.v1",
    ];
    let service = Arc::new(Service::start(LOCAL).await);
    let (tenant, receiver) = (service.tenant("schema"), Receiver::start());
    let owner = tenant.owner().await;
    hook(&owner, &receiver.url, &EVENTS).await;

    let authenticator = Authenticator::enrol(&owner).await;
    let proof = json!({"password": PASSWORD, "code": authenticator.backup_codes[0]});
    owner.post("/auth/2fa/disable", proof).await.expect(204);
    let passwords = json!({"current_password": PASSWORD, "new_password": "difference engine 1822"});
    owner.post("/auth/password/change", passwords).await.expect(204);
    let refresh =
        async |token: Value| owner.post("/auth/token/refresh", json!({"refresh_token": token})).await;
    let first = json!(owner.refresh_token);
    let second = refresh(first.clone()).await.expect(200)["refresh_token"].clone();
    refresh(second).await.expect(200);
    assert_eq!(refresh(first).await.problem(401), "refresh_token_reused");

    receiver.wait_for(EVENTS.len(), &service).await;
    let arrived: HashSet<(String, String)> = receiver
        .arrived()
        .iter()
        .map(|(_, body)| {
            let body: Value = serde_json::from_str(body).unwrap();
            (body["type"].as_str().unwrap().to_owned(), body["data"]["user_id"].as_str().unwrap().to_owned())
        })
        .collect();
    assert_eq!(arrived, EVENTS.map(|event| (event.to_owned(), owner.user_id.clone())).into());
}

#[tokio::test]
async fn a_target_inside_the_network_is_a_problem() {
    let service = Service::shared().await;
    let owner = service.tenant("shared").owner().await;
    for url in [
        "http://127.0.0.1/",
        "http://0x7f000001/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data",
    ] {
        let refused = owner.post("/audit/webhooks", json!({"url": url, "events": ["*"]})).await;
        assert_eq!(refused.body["errors"][0]["code"], "forbidden_target", "{url}: {}", refused.body);
        assert_eq!(refused.problem(422), "validation_failed");
    }
}

/// A worker of its own, which does not outlive the test.
struct Worker(Child);

impl Worker {
    fn start(dir: &std::path::Path, log: &str) -> Self {
        let log = std::fs::File::create(dir.join(log)).unwrap();
        let mut command = ouvira(dir);
        command.arg("worker").envs(LOCAL.iter().copied()).env("SCHEDULES", "tenants.finish=* * * * * *");
        Self(command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap())
    }

    fn kill(mut self) {
        let _ = Command::new("kill").arg("-KILL").arg(self.0.id().to_string()).stderr(Stdio::null()).status();
        let _ = self.0.wait();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Workers are killed again and again while companies are founded in a tenant of each placement: every event has its effect, once for each
/// `webhook-id`, at its own tenant's receiver.
#[tokio::test]
async fn workers_that_are_killed_lose_nothing_and_act_in_the_right_tenant() {
    let service = Arc::new(Service::start(LOCAL).await);
    let mut sides = Vec::new();
    for placement in ["shared", "schema", "database"] {
        let (tenant, receiver) = (service.tenant(placement), Receiver::start());
        let owner = tenant.owner().await;
        hook(&owner, &receiver.url, &["company.created.v1"]).await;
        sides.push((owner, receiver, HashSet::new()));
    }
    for round in 0..5 {
        let worker = Worker::start(service.data_dir(), "killed.log");
        for number in 0..6 {
            for (owner, _, companies) in &mut sides {
                companies.insert(found(owner, &format!("{round}-{number}")).await);
            }
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
        worker.kill();
    }
    for (_, receiver, companies) in &sides {
        receiver.wait_for(companies.len(), &service).await;
        let arrived: HashSet<String> = receiver
            .arrived()
            .iter()
            .map(|(_, body)| {
                let body: Value = serde_json::from_str(body).unwrap();
                body["data"]["company_id"].as_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(&arrived, companies, "each one's own, and all of them");
        assert_eq!(receiver.effects().len(), companies.len());
    }
}

/// What no hint tells of is found in a tenant's own database once a minute.
#[tokio::test]
async fn own_databases_are_looked_at_whatever_hints_say() {
    let service = Arc::new(Service::start(LOCAL).await);
    let (tenant, receiver) = (service.tenant("database"), Receiver::start());
    let owner = tenant.owner().await;
    hook(&owner, &receiver.url, &["company.created.v1"]).await;
    let id = tenant.made["id"].as_str().unwrap();
    let silent = format!(
        "INSERT INTO ouvira_core.outbox (id, tenant_id, topic, payload) \
         VALUES ('01a00000-0000-7000-8000-000000000001', '{id}', 'company.created.v1', '{{\"company_id\": \"silent\"}}')"
    );
    psql_in(&service, &format!("ouvira_t_{}", id.replace('-', "")), &silent);
    receiver.wait_for(1, &service).await;
    assert!(receiver.arrived()[0].1.contains("silent"));
}

#[tokio::test]
async fn another_worker_takes_the_schedules_over_when_their_runner_is_killed() {
    let service = Service::start(&[("SCHEDULES", "tenants.finish=off")]).await;
    let ran = |log: &str| {
        let text = std::fs::read_to_string(service.data_dir().join(log)).unwrap_or_default();
        text.matches("schedule=\"tenants.finish\"").count()
    };
    let wait = async |log: &str, more_than: usize| {
        let deadline = Instant::now() + Duration::from_mins(1);
        while ran(log) <= more_than {
            assert!(Instant::now() < deadline, "nobody runs the schedule");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let first = Worker::start(service.data_dir(), "first.log");
    wait("first.log", 0).await;
    let _second = Worker::start(service.data_dir(), "second.log");
    first.kill();
    let known = ran("second.log");
    wait("second.log", known).await;
}

/// What `psql` says as the owner of the embedded database.
fn psql(service: &Service, sql: &str) -> String {
    psql_in(service, "ouvira", sql)
}

/// The same in that database.
fn psql_in(service: &Service, database: &str, sql: &str) -> String {
    let running = std::fs::read_to_string(postmaster(service.data_dir())).unwrap();
    let lines: Vec<&str> = running.lines().collect();
    let output = Command::new("psql")
        .args([
            "-qAtX",
            "-v",
            "ON_ERROR_STOP=1",
            "-U",
            "ouvira_owner",
            "-h",
            lines[4],
            "-p",
            lines[3],
            "-d",
            database,
        ])
        .args(["-c", sql])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn postmaster(dir: &std::path::Path) -> std::path::PathBuf {
    let entries = std::fs::read_dir(dir).unwrap().flatten().map(|entry| entry.path());
    let mut found = entries.filter(|path| path.is_dir()).filter_map(|path| {
        let here = path.join("postmaster.pid");
        if here.exists() {
            Some(here)
        } else {
            Some(path.join("data/postmaster.pid")).filter(|there| there.exists())
        }
    });
    found.next().unwrap()
}

/// Ten thousand events of one tenant and, written after them, twenty of another: the order in which they are handled says
/// who waited for whom.
#[tokio::test]
async fn a_flood_of_one_tenant_delays_nobody_else() {
    let service = Arc::new(Service::start(&[]).await);
    let (flooding, other) = (service.tenant("shared"), service.tenant("shared"));
    let id = |tenant: &Tenant| tenant.made["id"].as_str().unwrap().to_owned();
    let write = |tenant: &Tenant, many: u32| {
        format!(
            "INSERT INTO ouvira_core.outbox (id, tenant_id, topic, payload) \
             SELECT gen_random_uuid(), '{}', 'nobody.listens.v1', '{{}}' FROM generate_series(1, {many});",
            id(tenant)
        )
    };
    psql(&service, &format!("BEGIN; {} {} COMMIT;", write(&flooding, 10_000), write(&other, 20)));
    let waiting =
        "SELECT count(*) FROM ouvira_core.outbox WHERE topic = 'nobody.listens.v1' AND done_at IS NULL";
    let deadline = Instant::now() + Duration::from_mins(5);
    while psql(&service, waiting) != "0" {
        assert!(Instant::now() < deadline, "they are all handled");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let before = format!(
        "SELECT count(*) FROM ouvira_core.outbox WHERE topic = 'nobody.listens.v1' AND tenant_id = '{}' AND done_at < \
         (SELECT max(done_at) FROM ouvira_core.outbox WHERE topic = 'nobody.listens.v1' AND tenant_id = '{}')",
        id(&flooding),
        id(&other)
    );
    let before: u32 = psql(&service, &before).parse().unwrap();
    assert!(before < 500, "{before} of the flood were handled before the other tenant's twenty");
}

/// A message that can never be handled is given up at once and blocks nobody; it is listed, and replayed.
#[tokio::test]
async fn a_poison_message_becomes_a_dead_letter_that_is_listed_and_replayed() {
    let service = Arc::new(Service::start(&[]).await);
    let tenant = service.tenant("shared");
    let id = tenant.made["id"].as_str().unwrap();
    let poison = format!(
        "INSERT INTO ouvira_core.outbox (id, tenant_id, topic, payload) \
         VALUES (gen_random_uuid(), '{id}', 'message.requested.v1', '{{\"not\": \"a message\"}}')"
    );
    psql(&service, &poison);
    let dead = |arguments: &[&str]| {
        run(ouvira(service.data_dir()).args(["outbox", "dead"]).args(arguments).arg("--json"))["items"]
            .clone()
    };
    let listed = async || {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let listed = dead(&["list", "--tenant", id]);
            if listed != json!([]) {
                break listed;
            }
            assert!(Instant::now() < deadline, "it is given up:\n{}", service.log());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let letter = listed().await[0].clone();
    assert_eq!((&letter["topic"], &letter["attempts"]), (&json!("message.requested.v1"), &json!(1)));
    assert!(letter["error"].is_string() && letter["database"].is_null(), "{letter}");
    // Mail of the same tenant leaves all the same.
    tenant.sign_up("after-the-poison@example.com").await;

    let which = letter["id"].as_str().unwrap();
    assert_eq!(dead(&["replay", "--id", which])[0]["id"], letter["id"]);
    let again = listed().await[0].clone();
    assert_eq!(again["id"], letter["id"]);
    assert_ne!(again["dead_at"], letter["dead_at"], "it was tried anew");

    let output = ouvira(service.data_dir()).args(["outbox", "dead", "replay"]).output().unwrap();
    assert!(!output.status.success(), "which ones is said");
}

/// Codes and links are needed until they are sent, and kept no longer.
#[tokio::test]
async fn what_was_sent_is_erased() {
    let service = Arc::new(Service::start(&[]).await);
    for placement in ["shared", "schema"] {
        service.tenant(placement).sign_up("erased@example.com").await;
    }
    let count = |condition: &str| {
        psql(
            &service,
            &format!(
                "SELECT count(*) FROM ouvira_core.outbox WHERE topic = 'message.requested.v1' AND {condition}"
            ),
        )
    };
    let deadline = Instant::now() + Duration::from_mins(1);
    while count("done_at IS NULL") != "0" {
        assert!(Instant::now() < deadline, "they are all sent:\n{}", service.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_ne!(count("payload = '{}'"), "0");
    assert_eq!(count("payload <> '{}'"), "0");
}

#[tokio::test]
async fn what_becomes_of_roles_memberships_and_invitations_reaches_a_webhook() {
    let service = Arc::new(Service::start(LOCAL).await);
    let (tenant, receiver) = (service.tenant("shared"), Receiver::start());
    let owner = tenant.owner().await;
    // The owner's own role was given before anybody listened.
    let waiting = format!(
        "SELECT count(*) FROM ouvira_core.outbox WHERE tenant_id = '{}' AND done_at IS NULL",
        tenant.made["id"].as_str().unwrap()
    );
    let deadline = Instant::now() + Duration::from_mins(1);
    while psql(&service, &waiting) != "0" {
        assert!(Instant::now() < deadline, "what made the tenant is not told");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let events = [
        "role.granted.v1",
        "role.revoked.v1",
        "user_company.created.v1",
        "user_company.updated.v1",
        "user_company.deleted.v1",
        "invitation.sent.v1",
        "invitation.revoked.v1",
        "invitation.accepted.v1",
    ];
    hook(&owner, &receiver.url, &events).await;
    let company = found(&owner, "Engines").await;
    let post = async |path: &str, body: Value| owner.post(path, body).await.expect(201);
    let at = |path: &str, thing: &Value| format!("{path}/{}", thing["id"].as_str().unwrap());

    let grace = post("/account/users", json!({"email": "grace-hooked@example.com"})).await;
    let member = json!({"user_id": grace["id"], "company_id": company});
    let member = post("/access-control/user-companies", member).await;
    let membership = at("/access-control/user-companies", &member);
    let suspended = owner.request("PUT", &membership).json(&json!({"status": "suspended"}));
    service.send(suspended).await.expect(200);
    let role = json!({"user_id": grace["id"], "role": "viewer", "company_id": company});
    let role = post("/roles/assign", role).await;
    owner.delete(&at("/user-roles", &role)).await.expect(204);
    owner.delete(&membership).await.expect(204);
    let invite = async |name: &str| {
        let body = json!({"email": format!("{name}@hooked.example"), "company_id": company, "role_ids": []});
        post("/access-control/invitations", body).await
    };
    let revoked = invite("revoked").await;
    owner
        .post(&format!("{}/revoke", at("/access-control/invitations", &revoked)), json!({}))
        .await
        .expect(200);
    let accepted = invite("accepted").await;
    let token = service.message("accepted@hooked.example", 0).await["data"]["token"].clone();
    let account = json!({"token": token, "password": crate::service::PASSWORD});
    let login = tenant.anonymous().post("/users/accept-invite", account).await.expect(200);

    receiver.wait_for(10, &service).await;
    let mut told: HashMap<String, Vec<Value>> = HashMap::new();
    let mut seen = HashSet::new();
    for (id, body) in receiver.arrived() {
        if seen.insert(id) {
            let mut body: Value = serde_json::from_str(&body).unwrap();
            told.entry(body["type"].as_str().unwrap().to_owned()).or_default().push(body["data"].take());
        }
    }
    let held = json!({"user_id": grace["id"], "role_id": role["role"]["id"], "company_id": company});
    assert_eq!((&told["role.granted.v1"], &told["role.revoked.v1"]), (&vec![held.clone()], &vec![held]));
    let belongs = json!({"user_company_id": member["id"], "user_id": grace["id"], "company_id": company});
    assert!(told["user_company.created.v1"].contains(&belongs), "{told:?}");
    for event in ["user_company.updated.v1", "user_company.deleted.v1"] {
        assert_eq!(told[event], std::slice::from_ref(&belongs), "{event}");
    }
    assert_eq!(told["invitation.sent.v1"].len(), 2);
    let sent = |invitation: &Value| json!({"invitation_id": invitation["id"], "company_id": company});
    assert_eq!(told["invitation.revoked.v1"], [sent(&revoked)]);
    let mut by_whom = sent(&accepted);
    by_whom["user_id"] = login["user"]["id"].clone();
    assert_eq!(told["invitation.accepted.v1"], [by_whom]);
    assert_eq!(told["user_company.created.v1"].len(), 2, "whoever accepts becomes a member");
}
