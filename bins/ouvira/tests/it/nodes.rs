//! Two nodes on one database: what is written through one arrives at the other.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::service::{Client, Service, ouvira};

/// Nodes behind one address: the issuer of the tokens that all of them take.
const PUBLIC_URL: (&str, &str) = ("PUBLIC_URL", "http://localhost:8000");

/// Another `ouvira serve` on the data of a running one.
struct Node {
    child: Child,
    base: String,
    http: reqwest::Client,
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

impl Node {
    async fn beside(service: &Service) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = ouvira(service.data_dir())
            .arg("serve")
            .env("BIND_ADDRESS", format!("127.0.0.1:{port}"))
            .env("RATE_LIMITS", "off")
            .env(PUBLIC_URL.0, PUBLIC_URL.1)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
        let this = Self { child, base: format!("http://127.0.0.1:{port}"), http };
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let ready = this.http.get(format!("{}/health/ready", this.base)).send().await;
            if ready.is_ok_and(|answer| answer.status().is_success()) {
                return this;
            }
            assert!(Instant::now() < deadline, "the second node does not become ready");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Opens somebody's stream here.
    async fn stream(&self, client: &Client, slug: &str, after: Option<&str>) -> reqwest::Response {
        let request = self
            .http
            .get(format!("{}/api/v1/audit/notifications/stream", self.base))
            .header("X-Tenant", slug)
            .bearer_auth(client.token.as_deref().unwrap());
        let request = after.iter().fold(request, |request, id| request.header("Last-Event-ID", *id));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer
    }
}

/// Reads until a notification is there, and answers its id and its kind.
async fn next(stream: &mut reqwest::Response) -> (String, String) {
    let mut said = String::new();
    loop {
        let chunk = tokio::time::timeout(Duration::from_secs(30), stream.chunk()).await;
        let chunk = chunk.expect("something is said in time").unwrap().expect("the stream goes on");
        said += &String::from_utf8_lossy(&chunk);
        let event = said.split("\n\n").find(|event| event.contains("event: notification"));
        if let Some(event) = event.filter(|_| said.ends_with("\n\n")) {
            let line = |name: &str| {
                event.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned()
            };
            let data: serde_json::Value = serde_json::from_str(&line("data:")).unwrap();
            return (line("id:"), data["kind"].as_str().unwrap().to_owned());
        }
    }
}

#[tokio::test]
async fn a_notification_arrives_at_every_node_and_a_stream_goes_on_at_another() {
    let service = Arc::new(Service::start(&[PUBLIC_URL]).await);
    let tenant = service.tenant("schema");
    let owner = tenant.owner().await;
    // While this node is alone: each shows in its inbox what its own worker sent.
    let reader = tenant.sign_up("reader@example.com").await;
    let node = Node::beside(&service).await;

    let mut there = node.stream(&reader, &tenant.slug, None).await;
    let assign = json!({"user_id": reader.user_id, "role": "viewer"});
    let given = owner.post("/roles/assign", assign).await.expect(201);
    let (first, kind) = next(&mut there).await;
    assert!(kind.contains("role"), "{kind}");
    drop(there);

    // Missed while nobody listened; taken up at the other node.
    owner.delete(&format!("/user-roles/{}", given["id"].as_str().unwrap())).await;
    let request = reader.request("GET", "/audit/notifications/stream").header("Last-Event-ID", &first);
    let mut here = request.send().await.unwrap();
    let (second, kind) = next(&mut here).await;
    assert!(second > first && kind.contains("role"), "{kind}");
    drop(here);
    let mut there = node.stream(&reader, &tenant.slug, Some(&first)).await;
    assert_eq!(next(&mut there).await.0, second, "the same from any node");
}
