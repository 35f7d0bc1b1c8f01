//! One HTTP/1.1 request.

use std::io::Write as _;

use serde::Serialize;

/// A request, made once and sent often.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
}

impl Request {
    /// `GET path`.
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), headers: Vec::new(), body: None }
    }

    /// `POST path` with a JSON body.
    pub(crate) fn post(path: impl Into<String>, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).expect("a body is made of strings and numbers");
        Self { method: "POST", path: path.into(), headers: Vec::new(), body: Some(body) }
    }

    /// Names the tenant.
    pub(crate) fn tenant(self, slug: &str) -> Self {
        self.header("X-Tenant", slug.to_owned())
    }

    /// Signs in.
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("Authorization", format!("Bearer {token}"))
    }

    fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Method and path, for messages.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// As it goes over the wire to `host`.
    pub(crate) fn to_bytes(&self, host: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(host, &mut bytes);
        bytes
    }

    /// Appends it as it goes over the wire.
    pub(crate) fn write(&self, host: &str, bytes: &mut Vec<u8>) {
        let written: std::io::Result<()> = (|| {
            write!(bytes, "{} {} HTTP/1.1\r\nHost: {host}\r\n", self.method, self.path)?;
            for (name, value) in &self.headers {
                write!(bytes, "{name}: {value}\r\n")?;
            }
            if let Some(body) = &self.body {
                write!(bytes, "Content-Type: application/json\r\nContent-Length: {}\r\n", body.len())?;
            }
            bytes.write_all(b"\r\n")
        })();
        written.expect("a Vec takes everything");
        bytes.extend_from_slice(self.body.as_deref().unwrap_or_default());
    }
}
