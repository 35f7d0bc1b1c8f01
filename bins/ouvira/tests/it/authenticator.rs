//! A second factor, in somebody's pocket.

use ouvira_common::time::{Clock as _, SystemClock};
use serde_json::json;
use totp_rs::{Builder, Secret};

use crate::service::{Client, PASSWORD};

/// What somebody has after enrolling.
pub struct Authenticator {
    pub backup_codes: Vec<String>,
}

impl Authenticator {
    /// Enrols a time-based factor for whoever is signed in.
    pub async fn enrol(client: &Client) -> Self {
        let enabled = client.post("/auth/2fa/enable", json!({"password": PASSWORD})).await.expect(200);
        let secret = Secret::try_from_base32(enabled["secret"].as_str().unwrap()).unwrap();
        let totp = Builder::new().with_secret(secret).build().unwrap();
        let now = u64::try_from(SystemClock.now().timestamp()).unwrap();
        let code = totp.generate(now).to_string();
        let confirmed = client.post("/auth/2fa/confirm", json!({"code": code})).await.expect(200);
        let codes = confirmed["backup_codes"].as_array().unwrap();
        Self { backup_codes: codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect() }
    }
}
