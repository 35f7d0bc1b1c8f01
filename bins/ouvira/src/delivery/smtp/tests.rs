use std::sync::{Arc, Mutex};

use ouvira_common::{secret::Secret, text::Email};
use serde_json::Map;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::*;

/// How the server behaves.
#[derive(Debug, Clone, Copy)]
enum Manner {
    /// Takes everything.
    Kind,
    /// Answers this to commands that begin so.
    Replies(&'static str, &'static str),
    /// Says nothing at all.
    Silent,
    /// Greets with something else.
    Web,
}

/// A server for tests that speaks as much SMTP as is needed and keeps what it hears.
struct Server {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Server {
    async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(converse(stream, manner, Arc::clone(&kept)));
            }
        });
        Self { port, heard, task }
    }

    fn mailer(&self, credentials: &str) -> SmtpMailer {
        let config = SmtpConfig {
            url: Secret::new(format!("smtp://{credentials}127.0.0.1:{}?tls=off", self.port)),
            from: "Ouvira <no-reply@example.com>".parse().unwrap(),
        };
        SmtpMailer::with_patience(&config, Duration::from_millis(300), Duration::from_secs(2)).unwrap()
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn converse(stream: TcpStream, manner: Manner, heard: Arc<Mutex<Vec<String>>>) {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    let greeting = match manner {
        Manner::Silent => return std::future::pending().await,
        Manner::Web => "HTTP/1.1 400 Bad Request\r\n\r\n",
        _ => "220 mail.example.com ESMTP\r\n",
    };
    writing.write_all(greeting.as_bytes()).await.unwrap();
    let mut in_data = false;
    while let Ok(Some(line)) = lines.next_line().await {
        heard.lock().unwrap().push(line.clone());
        let reply = match line.as_str() {
            "." => {
                in_data = false;
                "250 taken"
            }
            _ if in_data => continue,
            line => match manner {
                Manner::Replies(command, reply) if line.starts_with(command) => reply,
                _ if line.starts_with("EHLO") => "250-mail.example.com\r\n250-8BITMIME\r\n250 AUTH PLAIN",
                _ if line.starts_with("AUTH") => "235 welcome",
                _ if line.starts_with("DATA") => {
                    in_data = true;
                    "354 go on"
                }
                _ => "250 ok",
            },
        };
        writing.write_all(format!("{reply}\r\n").as_bytes()).await.unwrap();
    }
}

fn mail(to: &str) -> Mail {
    Mail {
        to: Email::parse("/to", to).unwrap(),
        subject: "Code für Société\r\nBcc: eve@example.com".to_owned(),
        text: "Your code: 123456\n.\nQUIT\n".to_owned(),
        html: "<p>Your code: <b>123456</b></p>".to_owned(),
        data: Map::new(),
    }
}

#[tokio::test]
async fn a_mail_arrives_as_text_and_html() {
    let server = Server::start(Manner::Kind).await;
    let mailer = server.mailer("");
    mailer.send(&mail("ada@example.com")).await.unwrap();
    // The connection goes back to the pool in the background.
    tokio::time::sleep(Duration::from_millis(50)).await;
    mailer.send(&mail("bob@example.com")).await.unwrap();
    let heard = server.heard();
    let has = |line: &str| heard.iter().any(|heard| heard == line);
    for line in [
        "MAIL FROM:<no-reply@example.com>",
        "RCPT TO:<ada@example.com>",
        "From: Ouvira <no-reply@example.com>",
        "To: ada@example.com",
        "Auto-Submitted: auto-generated",
        "Your code: 123456",
        "<p>Your code: <b>123456</b></p>",
        "..",
    ] {
        assert!(has(line), "{line} in {heard:#?}");
    }
    assert!(heard.iter().any(|line| line.starts_with("Content-Type: multipart/alternative")), "{heard:#?}");
    assert!(!heard.iter().any(|line| line.starts_with("Bcc:")), "a subject stays one line: {heard:#?}");
    assert_eq!(heard.iter().filter(|line| line.starts_with("EHLO")).count(), 1, "a connection is used again");
}

#[tokio::test]
async fn a_refused_address_is_refused_for_good_and_a_busy_server_is_not() {
    for (reply, permanent) in [
        ("550 5.1.1 <ada@example.com> is unknown", true),
        ("554 5.7.1 no", true),
        ("450 4.2.0 greylisted, ada@example.com", false),
        ("421 closing", false),
    ] {
        let server = Server::start(Manner::Replies("RCPT", reply)).await;
        let error = server.mailer("").send(&mail("ada@example.com")).await.unwrap_err();
        assert_eq!(matches!(error, DeliveryError::Permanent(_)), permanent, "{reply}: {error}");
        assert!(error.to_string().contains(&reply[..3]) && !error.to_string().contains("ada"), "{error}");
    }
}

#[tokio::test]
async fn wrong_credentials_of_ours_lose_no_mail() {
    let server = Server::start(Manner::Replies("AUTH", "535 5.7.8 no")).await;
    let error = server.mailer("us%40example.com:hunter2@").send(&mail("ada@example.com")).await.unwrap_err();
    assert_eq!(error, DeliveryError::Transient("SMTP: 535".to_owned()));
}

#[tokio::test]
async fn silence_garbage_and_absence_pass() {
    for manner in [Manner::Silent, Manner::Web, Manner::Replies("MAIL", "\u{1}\u{2}")] {
        let server = Server::start(manner).await;
        let error = server.mailer("").send(&mail("ada@example.com")).await.unwrap_err();
        assert!(matches!(error, DeliveryError::Transient(_)), "{manner:?}: {error}");
    }
    let gone = Server::start(Manner::Kind).await;
    let mailer = gone.mailer("");
    drop(gone);
    assert!(matches!(mailer.send(&mail("ada@example.com")).await, Err(DeliveryError::Transient(_))));
}

#[tokio::test]
async fn an_address_beyond_ascii_is_refused_by_a_server_that_knows_none() {
    let server = Server::start(Manner::Kind).await;
    let error = server.mailer("").send(&mail("jürgen@example.com")).await.unwrap_err();
    assert!(matches!(error, DeliveryError::Permanent(_)), "{error}");
}

#[tokio::test]
async fn a_password_is_not_sent_without_tls_unless_that_is_asked_for() {
    let server = Server::start(Manner::Kind).await;
    let config = SmtpConfig {
        url: Secret::new(format!("smtp://us:hunter2@127.0.0.1:{}", server.port)),
        from: "no-reply@example.com".parse().unwrap(),
    };
    let mailer =
        SmtpMailer::with_patience(&config, Duration::from_millis(300), Duration::from_secs(2)).unwrap();
    assert!(matches!(mailer.send(&mail("ada@example.com")).await, Err(DeliveryError::Transient(_))));
    assert!(!server.heard().iter().any(|line| line.starts_with("AUTH")), "{:?}", server.heard());
}
