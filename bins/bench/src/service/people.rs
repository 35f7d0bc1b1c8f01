//! People of a tenant, signed up as people sign up: an address, the code that was sent to it, a password.

use std::{net::SocketAddr, time::Duration};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Deserialize;
use serde_json::json;
use tokio::time::sleep;

use super::Client;
use crate::{error::BenchError, load::Request};

/// Sign-ups side by side; what takes their time is one password hash each.
const PARALLEL: usize = 8;
/// How often the inbox is looked into for a code, ten milliseconds apart.
const LOOKS: u32 = 1000;

/// Somebody who is signed in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Person {
    /// Of the tenant.
    pub(crate) tenant: String,
    /// Verified.
    pub(crate) email: String,
    /// Theirs.
    pub(crate) password: String,
    /// Good for fifteen minutes.
    pub(crate) access_token: String,
    /// The first of their session.
    pub(crate) refresh_token: String,
}

impl Person {
    /// `GET path` as this person.
    pub(crate) fn get(&self, path: &str) -> Request {
        Request::get(path).tenant(&self.tenant).bearer(&self.access_token)
    }

    /// `POST path` as this person.
    pub(crate) fn post(&self, path: &str, body: &impl serde::Serialize) -> Request {
        Request::post(path, body).tenant(&self.tenant).bearer(&self.access_token)
    }

    /// Signing in once more.
    pub(crate) fn login(&self) -> Request {
        let body = json!({ "identifier": self.email, "password": self.password });
        Request::post("/api/v1/auth/login", &body).tenant(&self.tenant)
    }
}

/// The people of one tenant.
pub(crate) struct Crowd {
    /// Which one.
    pub(crate) tenant: String,
    /// All of them, signed in.
    pub(crate) people: Vec<Person>,
}

#[derive(Deserialize)]
struct Challenge {
    challenge_id: String,
}

#[derive(Deserialize)]
struct Inbox {
    items: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    data: MessageData,
}

#[derive(Deserialize)]
struct MessageData {
    code: Option<String>,
}

#[derive(Deserialize)]
struct Verified {
    signup_token: String,
}

#[derive(Deserialize)]
pub(super) struct SignedIn {
    pub(super) access_token: String,
    pub(super) refresh_token: String,
}

impl Crowd {
    /// Signs `number` people up in `tenant`.
    pub(crate) async fn sign_up(service: SocketAddr, tenant: &str, number: u32) -> Result<Self, BenchError> {
        let people = stream::iter(0..number).map(|n| sign_up(service, tenant, n)).buffered(PARALLEL);
        Ok(Self { tenant: tenant.to_owned(), people: people.try_collect().await? })
    }

    /// `GET path` by each of them.
    pub(crate) fn get(&self, path: &str) -> Vec<Request> {
        self.people.iter().map(|person| person.get(path)).collect()
    }
}

async fn sign_up(service: SocketAddr, tenant: &str, number: u32) -> Result<Person, BenchError> {
    let email = format!("person-{number}@{tenant}.example");
    let mut client = Client::connect(service).await?;
    let post = |path: &str, body| Request::post(path, &body).tenant(tenant);

    let Challenge { challenge_id } =
        client.call(&post("/api/v1/auth/signup", json!({ "email": email }))).await?;
    let code = code(&mut client, &email).await?;
    let verify = json!({ "challenge_id": challenge_id, "code": code });
    let Verified { signup_token } = client.call(&post("/api/v1/auth/verify-otp", verify)).await?;
    let password = format!("measure {number} twice, cut once");
    let finalize = json!({
        "signup_token": signup_token,
        "password": password,
        "first_name": "Person",
        "last_name": number.to_string(),
    });
    let SignedIn { access_token, refresh_token } =
        client.call(&post("/api/v1/auth/finalize-signup", finalize)).await?;
    Ok(Person { tenant: tenant.to_owned(), email, password, access_token, refresh_token })
}

/// The code that was sent to `email`. Messages go through the outbox, so that it takes a moment.
async fn code(client: &mut Client, email: &str) -> Result<String, BenchError> {
    let inbox = Request::get(format!("/api/v1/dev/messages?to={email}"));
    for _ in 0..LOOKS {
        let Inbox { items } = client.call(&inbox).await?;
        if let Some(code) = items.into_iter().find_map(|message| message.data.code) {
            return Ok(code);
        }
        sleep(Duration::from_millis(10)).await;
    }
    Err(BenchError::TimedOut(format!("a code for {email}")))
}
