//! The real binary, started once for whatever tests run at the time, and ended with the last of them.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Weak,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use diesel_async::SimpleAsyncConnection as _;
use ouvira_common::db::{Endpoint, connect};
use ouvira_embedded_postgres::EmbeddedPostgres;
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Mutex;

/// A running `ouvira serve` in local mode.
pub struct Service {
    child: Option<Child>,
    dir: TempDir,
    base: String,
    http: reqwest::Client,
    /// The databases that it was told of: what is run beside it is told of them too.
    databases: Vec<(String, String)>,
}

impl Drop for Service {
    fn drop(&mut self) {
        // SIGTERM: the private Postgres is stopped in order, and its directory can be removed.
        self.stop("-TERM");
    }
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The body, when the status is the expected one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }

    /// The problem's code, when the status is the expected one and it is a problem document.
    #[track_caller]
    pub fn problem(self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(self.headers["content-type"], "application/problem+json", "{}", self.body);
        assert_eq!(self.body["status"], status);
        self.body["code"].as_str().unwrap().to_owned()
    }
}

impl Service {
    /// The one that runs, or a new one.
    pub async fn shared() -> Arc<Self> {
        static RUNNING: Mutex<Weak<Service>> = Mutex::const_new(Weak::new());
        let mut running = RUNNING.lock().await;
        if let Some(service) = running.upgrade() {
            return service;
        }
        let service = Arc::new(Self::start(&[]).await);
        *running = Arc::downgrade(&service);
        service
    }

    /// A new one with these variables.
    pub async fn start(variables: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self::start_in(dir, variables).await
    }

    /// A new one on what an earlier one left in `dir`.
    pub async fn start_in(dir: TempDir, variables: &[(&str, &str)]) -> Self {
        // The database's account has to pass through.
        std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = ouvira(dir.path());
        command.arg("serve").env("BIND_ADDRESS", format!("127.0.0.1:{port}")).env("RATE_LIMITS", "off");
        let log = std::fs::File::create(dir.path().join("log")).unwrap();
        let child =
            command.envs(variables.iter().copied()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let http = reqwest::Client::builder()
            // Each test has a runtime of its own, and a connection ends with the runtime that opened it.
            .pool_max_idle_per_host(0)
            .timeout(Duration::from_secs(30))
            .build()
            .unwrap();
        let databases = variables.iter().filter(|(name, _)| name.starts_with("DATABASE_"));
        let databases = databases.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let base = format!("http://127.0.0.1:{port}");
        let mut service = Self { child: Some(child), dir, base, http, databases };
        service.wait_until_ready().await;
        service
    }

    /// Another node on the same data, and so on the same database.
    pub async fn another_node(&self, variables: &[(&str, &str)]) -> Self {
        let directory = self.data_dir().to_str().unwrap();
        let variables: Vec<_> = variables.iter().copied().chain([("DATA_DIR", directory)]).collect();
        Self::start(&variables).await
    }

    async fn wait_until_ready(&mut self) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while Instant::now() < deadline {
            let answer = self.http.get(format!("{}/health/ready", self.base)).send().await;
            if answer.is_ok_and(|answer| answer.status() == StatusCode::OK) {
                return;
            }
            let ended = self.child.as_mut().is_none_or(|child| child.try_wait().unwrap().is_some());
            assert!(!ended, "the service ended:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the service does not become ready:\n{}", self.log());
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// What it logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    /// Ends it with this signal and gives back its directory.
    pub fn end(mut self, signal: &str) -> TempDir {
        self.stop(signal);
        std::mem::replace(&mut self.dir, tempfile::tempdir().unwrap())
    }

    /// Sends it this signal and does not wait.
    pub fn signal(&self, signal: &str) {
        if let Some(child) = &self.child {
            let _ = Command::new("kill").arg(signal).arg(child.id().to_string()).status();
        }
    }

    fn stop(&mut self, signal: &str) {
        self.signal(signal);
        if let Some(mut child) = self.child.take() {
            let _ = child.wait();
        }
    }

    pub fn data_dir(&self) -> &Path {
        self.dir.path()
    }

    /// A request without anything on it.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url =
            if path.starts_with("/api") || path.starts_with("/health") || path.starts_with("/.well-known") {
                format!("{}{path}", self.base)
            } else {
                format!("{}/api/v1{path}", self.base)
            };
        self.http.request(Method::from_bytes(method.as_bytes()).unwrap(), url)
    }

    /// Sends it and reads the answer.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await.unwrap();
        let body = serde_json::from_slice(&body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned()));
        Answer { status, headers, body }
    }

    /// A tenant of the test's own, made on the command line.
    pub fn tenant(self: &Arc<Self>, placement: &str) -> Tenant {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let slug = format!("t-{placement}-{}", NUMBER.fetch_add(1, SeqCst));
        let made = run(ouvira(self.data_dir())
            .envs(self.databases.iter().map(|(name, value)| (name, value)))
            .args(["tenant", "create", "--json", "--slug", &slug, "--name", "Test", "--placement", placement])
            .args(["--admin-email", "owner@example.com", "--admin-password", PASSWORD]));
        assert_eq!(made["slug"], slug.as_str());
        Tenant { service: Arc::clone(self), slug, made }
    }

    /// Asks for nothing more, and waits until it has ended by itself.
    pub fn ended(mut self) -> bool {
        let mut child = self.child.take().unwrap();
        let deadline = Instant::now() + Duration::from_mins(1);
        while Instant::now() < deadline {
            if let Some(status) = child.try_wait().unwrap() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.child = Some(child);
        false
    }

    /// A tenant that an earlier service on the same data made.
    pub fn known_tenant(self: &Arc<Self>, slug: &str) -> Tenant {
        Tenant { service: Arc::clone(self), slug: slug.to_owned(), made: Value::Null }
    }

    /// Runs SQL as the role that owns the tables, behind the service's back.
    pub async fn owner_sql(&self, sql: &str) {
        let postgres = EmbeddedPostgres::running(self.data_dir().join("postgres")).unwrap();
        let endpoint = Endpoint::parse(&postgres.url("ouvira_owner", "ouvira")).unwrap();
        connect(&endpoint, None).await.unwrap().batch_execute(sql).await.unwrap();
    }

    /// The newest message to somebody, once it is there.
    pub async fn message(&self, to: &str, known: usize) -> Value {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let request = self.request("GET", "/dev/messages").query(&[("to", to)]);
            let messages = self.send(request).await.expect(200)["items"].as_array().unwrap().clone();
            if messages.len() > known {
                return messages[0].clone();
            }
            assert!(Instant::now() < deadline, "nothing was sent to {to}:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// How many messages somebody has got.
    pub async fn message_count(&self, to: &str) -> usize {
        let request = self.request("GET", "/dev/messages").query(&[("to", to)]);
        self.send(request).await.expect(200)["items"].as_array().unwrap().len()
    }
}

/// The password of everybody in the tests.
pub const PASSWORD: &str = "engine analytical 1843";

/// The binary, on the data of `dir`.
pub fn ouvira(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ouvira"));
    command.env_clear().env("PATH", std::env::var("PATH").unwrap_or_default()).env("METRICS_ADDRESS", "off");
    // Where a build whose coverage is measured notes what of it ran.
    command.envs(std::env::var_os("LLVM_PROFILE_FILE").map(|file| ("LLVM_PROFILE_FILE", file)));
    command.env("DATA_DIR", dir).current_dir(dir);
    command
}

/// Runs a command with `--json` to its successful end.
#[track_caller]
pub fn run(command: &mut Command) -> Value {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A tenant of one test.
#[derive(Clone)]
pub struct Tenant {
    service: Arc<Service>,
    pub slug: String,
    /// What `tenant create` answered.
    pub made: Value,
}

/// Somebody who is signed in, or nobody.
#[derive(Clone)]
pub struct Client {
    tenant: Tenant,
    pub token: Option<String>,
    pub refresh_token: Option<String>,
    pub user_id: String,
}

impl Tenant {
    /// Nobody, at this tenant.
    pub fn anonymous(&self) -> Client {
        Client { tenant: self.clone(), token: None, refresh_token: None, user_id: String::new() }
    }

    /// Somebody by what signing in answered.
    pub fn client(&self, login: &Value) -> Client {
        assert_eq!(login["status"], "authenticated", "{login}");
        let text = |name: &str| login[name].as_str().unwrap().to_owned();
        Client {
            tenant: self.clone(),
            token: Some(text("access_token")),
            refresh_token: Some(text("refresh_token")),
            user_id: login["user"]["id"].as_str().unwrap().to_owned(),
        }
    }

    /// The first administrator.
    pub async fn owner(&self) -> Client {
        self.log_in("owner@example.com").await
    }

    pub async fn log_in(&self, identifier: &str) -> Client {
        let body = json!({"identifier": identifier, "password": PASSWORD});
        self.client(&self.anonymous().post("/auth/login", body).await.expect(200))
    }

    /// Somebody new, by e-mail or phone, all the way.
    pub async fn sign_up(&self, address: &str) -> Client {
        let member = if address.contains('@') { "email" } else { "phone" };
        let known = self.service.message_count(address).await;
        let nobody = self.anonymous();
        let challenge = nobody.post("/auth/signup", json!({member: address})).await.expect(202);
        let code = self.service.message(address, known).await["data"]["code"].as_str().unwrap().to_owned();
        let verified = nobody
            .post("/auth/verify-otp", json!({"challenge_id": challenge["challenge_id"], "code": code}))
            .await
            .expect(200);
        let finalize =
            json!({"signup_token": verified["signup_token"], "password": PASSWORD, "first_name": "Ada"});
        self.client(&nobody.post("/auth/finalize-signup", finalize).await.expect(201))
    }
}

impl Client {
    /// The same somebody at another node.
    pub fn at(&self, service: &Arc<Service>) -> Self {
        let tenant = Tenant { service: Arc::clone(service), ..self.tenant.clone() };
        Self { tenant, ..self.clone() }
    }

    pub fn service(&self) -> &Service {
        &self.tenant.service
    }

    /// A request with tenant and token on it.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let request = self.tenant.service.request(method, path).header("X-Tenant", &self.tenant.slug);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.tenant.service.send(self.request("GET", path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.tenant.service.send(self.request("DELETE", path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.tenant.service.send(self.request("POST", path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.tenant.service.send(self.request("PATCH", path).json(&body)).await
    }
}
