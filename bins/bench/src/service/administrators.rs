//! Many tenants with one person each: the administrator that they were made with, signed in by password.

use std::net::SocketAddr;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{Client, Deployment, Person, people::SignedIn};
use crate::error::BenchError;

const PASSWORD: &str = "measure twice, cut once, then measure";
/// Tenants made side by side; what takes their time is two password hashes each, and the start of a program.
const PARALLEL: usize = 4;

/// Makes `number` tenants and signs the first administrator of each in.
pub(crate) async fn administrators(
    deployment: &Deployment,
    service: SocketAddr,
    number: u32,
) -> Result<Vec<Person>, BenchError> {
    stream::iter(0..number)
        .map(|n| administrator(deployment, service, n))
        .buffered(PARALLEL)
        .try_collect()
        .await
}

async fn administrator(
    deployment: &Deployment,
    service: SocketAddr,
    number: u32,
) -> Result<Person, BenchError> {
    let tenant = format!("bench-memory-{number}");
    let email = format!("admin@{tenant}.example");
    deployment.create_tenant_with(&tenant, &email, PASSWORD).await?;
    let mut person = Person { tenant, email, password: PASSWORD.to_owned(), ..Person::default() };
    let mut client = Client::connect(service).await?;
    let SignedIn { access_token, refresh_token } = client.call(&person.login()).await?;
    person.access_token = access_token;
    person.refresh_token = refresh_token;
    Ok(person)
}
