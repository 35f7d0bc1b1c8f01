//! The operator of the platform, who makes tenants.

use std::net::SocketAddr;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::de::IgnoredAny;
use serde_json::json;

use super::{Client, Deployment, Person, people::SignedIn};
use crate::{error::BenchError, load::Request};

const EMAIL: &str = "operator@bench.example";
const PASSWORD: &str = "measure twice, cut once, then measure";
/// Tenants made side by side; what takes their time is two password hashes each.
const PARALLEL: usize = 8;

/// An operator who is signed in.
pub(crate) struct Operator {
    service: SocketAddr,
    access_token: String,
}

impl Operator {
    /// Makes one with the command line and signs in.
    pub(crate) async fn sign_in(deployment: &Deployment, service: SocketAddr) -> Result<Self, BenchError> {
        deployment.create_operator(EMAIL, PASSWORD).await?;
        let body = json!({ "identifier": EMAIL, "password": PASSWORD });
        let mut client = Client::connect(service).await?;
        let SignedIn { access_token, .. } =
            client.call(&Request::post("/api/v1/auth/operator/login", &body)).await?;
        Ok(Self { service, access_token })
    }

    /// Makes `number` tenants and signs the first administrator of each in.
    pub(crate) async fn create_tenants(&self, number: u32) -> Result<Vec<Person>, BenchError> {
        stream::iter(0..number).map(|n| self.create_tenant(n)).buffered(PARALLEL).try_collect().await
    }

    async fn create_tenant(&self, number: u32) -> Result<Person, BenchError> {
        let tenant = format!("memory-{number}");
        let email = format!("admin@{tenant}.example");
        let mut client = Client::connect(self.service).await?;
        let admin = json!({ "email": email, "password": PASSWORD });
        let create =
            json!({ "slug": tenant, "name": tenant, "placement": { "mode": "shared" }, "admin": admin });
        let request = Request::post("/api/v1/tenants", &create).bearer(&self.access_token);
        let _: IgnoredAny = client.call(&request).await?;
        let mut person = Person { tenant, email, password: PASSWORD.to_owned(), ..Person::default() };
        let SignedIn { access_token, refresh_token } = client.call(&person.login()).await?;
        person.access_token = access_token;
        person.refresh_token = refresh_token;
        Ok(person)
    }
}
