//! Asking services of others over HTTP: never for long, never for much, and never where they did not say.

use std::time::Duration;

use reqwest::{Client, Response, redirect::Policy};
use serde::de::DeserializeOwned;

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(3);
/// The most that is read of an answer, in bytes.
const LONGEST: usize = 64 * 1024;

/// A client whose requests take `patience` at most, and that follows no redirects.
pub(super) fn client(patience: Duration) -> reqwest::Result<Client> {
    Client::builder()
        .connect_timeout(CONNECT.min(patience))
        .timeout(patience)
        .redirect(Policy::none())
        .user_agent(concat!("ouvira/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// The JSON of an answer; `None` when it is too long, cut short, or something else.
pub(super) async fn json<T: DeserializeOwned>(mut response: Response) -> Option<T> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST {
            return None;
        }
    }
    serde_json::from_slice(&body).ok()
}

/// What went wrong on the way, without the address that was asked.
pub(super) fn reason(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "it did not answer in time"
    } else if error.is_connect() {
        "it cannot be reached"
    } else {
        "its answer broke off or made no sense"
    }
}
