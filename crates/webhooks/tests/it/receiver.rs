//! A receiver: answers what it is told to, and keeps what it got.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// What arrived.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Received {
    /// Whether an independent implementation takes it for one signed with `secret`.
    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        let mut headers = standardwebhooks_headers();
        for (name, value) in &self.headers {
            if name.starts_with("webhook-") {
                headers.append(
                    name.parse::<reqwest::header::HeaderName>().expect("a header's name"),
                    value.parse().expect("a header's value"),
                );
            }
        }
        let verifier = standardwebhooks::Webhook::new(secret).expect("a well-formed secret");
        verifier.verify(self.body.as_bytes(), &headers).is_ok()
    }
}

fn standardwebhooks_headers() -> reqwest::header::HeaderMap {
    reqwest::header::HeaderMap::new()
}

/// A server on this machine.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    answer: Arc<Mutex<String>>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let this = Self {
            address: listener.local_addr().expect("it listens"),
            received: Arc::default(),
            answer: Arc::new(Mutex::new(String::new())),
        };
        this.answer(204, "");
        let serving = this.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        this
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// What it says from now on.
    pub(crate) fn answer(&self, status: u16, body: &str) {
        self.answer_raw(format!(
            "HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ));
    }

    pub(crate) fn answer_raw(&self, answer: String) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut bytes = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let read = stream.read(&mut buffer).await.unwrap_or(0);
            if read == 0 {
                return;
            }
            bytes.extend_from_slice(&buffer[..read]);
            if let Some(received) = parse(&bytes) {
                self.received.lock().unwrap_or_else(PoisonError::into_inner).push(received);
                break;
            }
        }
        let answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let _ = stream.write_all(answer.as_bytes()).await;
    }
}

fn parse(bytes: &[u8]) -> Option<Received> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let headers: HashMap<String, String> = head
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length")?.parse().ok()?;
    (body.len() >= length).then(|| Received { headers, body: body[..length].to_owned() })
}
