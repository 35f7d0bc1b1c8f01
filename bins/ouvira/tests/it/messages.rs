//! Messages on their way out, by the real binary: what became of each, and what a deployment has them say.

use std::{
    collections::HashMap,
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::service::{Answer, Client, Service, ouvira, run};

/// Numbers that Twilio delivers to, does not reach, and refuses.
const REACHED: &str = "+33612345678";
const UNREACHED: &str = "+33612345670";
const REFUSED: &str = "+33612345679";

/// As much of Twilio as is needed.
struct Twilio {
    url: String,
    task: JoinHandle<()>,
}

/// How often each message was asked about.
type Asked = Arc<Mutex<HashMap<String, usize>>>;

impl Twilio {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Asked::default();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&asked)));
            }
        });
        Self { url, task }
    }
}

impl Drop for Twilio {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut stream: TcpStream, asked: Asked) {
    let mut request = String::new();
    let mut bytes = [0; 4096];
    while !request.contains("\r\n\r\n") || (request.starts_with("POST") && !request.contains("Body=")) {
        let read = stream.read(&mut bytes).await.unwrap_or(0);
        if read == 0 {
            return;
        }
        request += &String::from_utf8_lossy(&bytes[..read]);
    }
    let is_to = |number: &str| request.contains(&format!("To=%2B{}&", &number[1..]));
    let (status, body) = if request.starts_with("GET") {
        let path = request.split(' ').nth(1).unwrap().to_owned();
        let looks = *asked.lock().unwrap().entry(path.clone()).and_modify(|looks| *looks += 1).or_insert(1);
        match (looks, path.contains("unreached")) {
            (1, _) => (200, json!({"status": "sending"})),
            (_, false) => (200, json!({"status": "delivered"})),
            (_, true) => (200, json!({"status": "undelivered", "error_code": 30003})),
        }
    } else if is_to(REFUSED) {
        (400, json!({"code": 21211, "message": format!("{REFUSED} is not valid")}))
    } else {
        let sid = if is_to(UNREACHED) { "SMunreached" } else { "SMreached" };
        (201, json!({"sid": sid, "status": "queued", "to": REACHED}))
    };
    let body = body.to_string();
    let head = format!("HTTP/1.1 {status} x\r\ncontent-type: application/json\r\nconnection: close");
    let _ =
        stream.write_all(format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).as_bytes()).await;
}

/// What the tenant's log says of the messages that this request asked for, once the last of them is `last`.
async fn became(owner: &Client, asked: &Answer, last: &str) -> Vec<Value> {
    let request_id = asked.headers["x-request-id"].to_str().unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let log = owner.get("/audit/security-logs?all=true&limit=100").await.expect(200);
        let rows = log["items"].as_array().unwrap().iter().rev().cloned();
        let of_messages = |row: &Value| {
            row["request_id"] == request_id && row["event"].as_str().unwrap().starts_with("message.")
        };
        let rows: Vec<Value> = rows.filter(of_messages).collect();
        if rows.last().is_some_and(|row| row["event"] == last) {
            return rows;
        }
        assert!(Instant::now() < deadline, "no {last}: {log}\n{}", owner.service().log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn what_became_of_a_message_is_in_the_security_log_in_every_placement() {
    let twilio = Twilio::start().await;
    let service = Arc::new(
        Service::start(&[
            ("TWILIO_BASE_URL", &twilio.url),
            ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000000"),
            ("TWILIO_AUTH_TOKEN", "0123456789abcdef0123456789abcdef"),
            ("TWILIO_FROM", "+15005550006"),
        ])
        .await,
    );
    for placement in ["shared", "schema", "database"] {
        let tenant = service.tenant(placement);
        let owner = tenant.owner().await;
        let nobody = tenant.anonymous();
        let sign_up = async |member: &str, address: &str| {
            let asked = nobody.post("/auth/signup", json!({member: address})).await;
            assert_eq!(asked.status, 202, "{}", asked.body);
            asked
        };

        let rows = became(&owner, &sign_up("phone", REACHED).await, "message.delivered").await;
        assert_eq!(rows.len(), 2, "{rows:?}");
        assert_eq!((&rows[0]["event"], &rows[0]["outcome"]), (&json!("message.sent"), &json!("success")));
        let mut details = rows[0]["details"].clone();
        let message = details.as_object_mut().unwrap().remove("message");
        let expected = json!({
            "template": "signup_code", "channel": "sms", "provider": "twilio", "reference": "SMreached",
            "status": "queued", "attempt": 1,
        });
        assert_eq!(details, expected);
        assert_eq!(rows[1]["details"]["message"], message.unwrap());
        assert_eq!(rows[1]["actor"]["type"], "system");

        let rows = became(&owner, &sign_up("phone", UNREACHED).await, "message.failed").await;
        assert_eq!((rows.len(), &rows[1]["outcome"]), (2, &json!("failure")), "{rows:?}");
        assert_eq!(rows[1]["details"]["reason"], "Twilio: undelivered, error 30003");

        let rows = became(&owner, &sign_up("phone", REFUSED).await, "message.failed").await;
        assert_eq!((rows.len(), &rows[0]["details"]["reason"]), (1, &json!("Twilio: HTTP 400, error 21211")));

        let rows = became(&owner, &sign_up("email", "ada@example.com").await, "message.sent").await;
        assert_eq!(rows[0]["details"]["provider"], "inbox", "{rows:?}");

        // No row says where to.
        let log = owner.get("/audit/security-logs?all=true&limit=100").await.expect(200).to_string();
        assert!(!log.contains("612345") && !log.contains("ada@"), "{log}");
        // And nobody but who may read the log sees it.
        let own = owner.get("/audit/security-logs").await.expect(200).to_string();
        assert!(!own.contains("message."), "{own}");
    }
    let dead = run(ouvira(service.data_dir()).args(["outbox", "dead", "list", "--json"]));
    let dead = dead["items"].as_array().unwrap();
    assert_eq!(dead.len(), 3, "{dead:?}");
    assert!(dead.iter().all(|event| event["error"] == "Twilio: HTTP 400, error 21211"), "{dead:?}");
}

fn write(directory: &Path, file: &str, text: &str) {
    let file = directory.join(file);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

#[tokio::test]
async fn a_deployment_has_messages_say_what_it_wants() {
    let templates = tempfile::tempdir().unwrap();
    write(
        templates.path(),
        "en/signup_code.txt",
        "Subject: {code} is your number\n\nWelcome to {tenant}: {code}\n",
    );
    let directory = templates.path().to_str().unwrap();
    let service = Arc::new(Service::start(&[("MESSAGE_TEMPLATES", directory)]).await);
    let tenant = service.tenant("shared");
    let sign_up = async |address: &str, language: &str| {
        let request = tenant.anonymous().request("POST", "/auth/signup").header("Accept-Language", language);
        service.send(request.json(&json!({"email": address}))).await.expect(202);
        service.message(address, 0).await
    };
    let english = sign_up("ada@example.com", "en").await;
    let code = english["data"]["code"].as_str().unwrap();
    assert_eq!(english["subject"], format!("{code} is your number"));
    assert!(english["body"].as_str().unwrap().contains(&format!("Welcome to Test: {code}")), "{english}");
    // What it did not replace is as it was.
    for (address, language, words) in
        [("bob@example.com", "fr", "votre code pour test"), ("eve@example.com", "de", "ihr code für test")]
    {
        let text = sign_up(address, language).await;
        let said = format!("{} {}", text["subject"], text["body"]).to_lowercase();
        assert!(said.contains(&words.to_lowercase()) && !said.contains("welcome to"), "{text}");
    }
}

#[test]
fn templates_that_cannot_be_used_are_refused_at_the_start_all_at_once() {
    let data = tempfile::tempdir().unwrap();
    let templates = tempfile::tempdir().unwrap();
    write(templates.path(), "en/signup_code.txt", "Subject: Welcome\n\nNo code here\n");
    write(templates.path(), "fr/password_reset.txt", "{link}\n");
    write(templates.path(), "de/invitation.sms", "{link} {password}\n");
    write(templates.path(), "en/newsletter.txt", "Subject: Buy\n\nmore\n");
    for arguments in
        [&["serve"][..], &["worker"], &["config", "check"], &["config", "check", "--for", "worker"]]
    {
        let mut command = ouvira(data.path());
        let output = command.args(arguments).env("MESSAGE_TEMPLATES", templates.path()).output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        for mistake in [
            "MESSAGE_TEMPLATES: en/signup_code.txt: has no {code}",
            "MESSAGE_TEMPLATES: fr/password_reset.txt: does not begin with a line Subject: …",
            "MESSAGE_TEMPLATES: de/invitation.sms: {password} is not a value of messages",
            "MESSAGE_TEMPLATES: en/newsletter.txt: is not <locale>/<template>.txt",
        ] {
            assert!(said.contains(mistake), "{arguments:?}: {mistake}:\n{said}");
        }
    }
}
